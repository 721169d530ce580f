// The contract of envs/core/env.h over every environment of the registry, alone and inside every wrapper, and that of
// vector environments: what is registered tomorrow is tested tomorrow.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/value_io.h"
#include "envs/registry/check_env.h"
#include "envs/registry/registry.h"
#include "envs/registry/wrapper_table.h"
#include "tests/envs/support/drive.h"

namespace ludus::envs {
namespace {

using testing::Hash;

EnvPtr quietly_made(const std::string& id, const Dict& kwargs = {}) {
  return make(id, kwargs, {.warn = ignore_warnings});
}

std::vector<std::string> all_ids() {
  std::vector<std::string> ids;
  for (const EnvSpec& spec : registry().specs()) ids.push_back(spec.id);
  return ids;
}

std::vector<std::string> all_wrappers() {
  std::vector<std::string> names;
  for (const RegisteredWrapper& wrapper : registered_wrappers()) names.push_back(wrapper.name);
  return names;
}

// For the names of tests, which take letters and digits only.
std::string plain(std::string name) {
  for (char& letter : name) letter = std::isalnum(static_cast<unsigned char>(letter)) ? letter : '_';
  return name;
}

class EveryEnvironment : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryEnvironment, KeepsTheContract) {
  const CheckReport report = check_env([] { return quietly_made(GetParam()); });
  EXPECT_TRUE(report.passed()) << report.to_text();
}

// Every entry of a state in turn missing or of another type: it is refused, and the environment is unchanged.
template <class E>
void expect_damaged_states_refused(E& source, E& target, const std::string& name) {
  // what a clock measures goes on meanwhile
  const auto stable_state = [](const E& env) {
    Value state = env.get_state();
    if (Value* wrapper = state.as_dict().find("wrapper")) wrapper->as_dict().erase("elapsed");
    return encode(state);
  };
  const Dict state = source.get_state().as_dict();
  const std::vector<std::byte> before = stable_state(target);
  const auto expect_refused = [&](const Dict& damaged, const std::string& damage) {
    EXPECT_THROW(target.set_state(damaged), InputError) << name << ": " << damage;
    EXPECT_EQ(stable_state(target), before) << name << ": " << damage;
  };
  for (const auto& [entry, value] : state) {
    Dict missing = state, wrong = state;
    missing.erase(entry);
    wrong[entry] = "another type";
    expect_refused(missing, entry + " removed");
    expect_refused(wrong, entry + " of another type");
  }
  const Value* wrapper = state.find("wrapper");
  for (const auto& [entry, value] : wrapper ? wrapper->as_dict() : Dict()) {
    Dict missing = state;
    missing["wrapper"].as_dict().erase(entry);
    expect_refused(missing, "wrapper/" + entry + " removed");
  }
}

TEST_P(EveryEnvironment, RefusesDamagedStatesAndKeepsItsOwn) {
  const EnvPtr env = quietly_made(GetParam()), other = quietly_made(GetParam());
  env->reset(1), other->reset(2);
  expect_damaged_states_refused(*env, *other, GetParam());
  const VectorOptions options{.warn = ignore_warnings};
  const VectorEnvPtr envs = make_vec(GetParam(), 2, options), others = make_vec(GetParam(), 2, options);
  envs->reset(1), others->reset(2);
  expect_damaged_states_refused(*envs, *others, GetParam());
}

// Enough steps for some ends of episodes, fewer where an observation is an image.
int affordable_steps(VectorEnv& envs) {
  return static_cast<int>(std::clamp<std::size_t>(200'000 / envs.observation_size(), 6, 40));
}

TEST_P(EveryEnvironment, RestoredInAVectorItGoesOnIdentically) {
  for (const auto autoreset : {AutoresetMode::kNextStep, AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
    for (const auto engine : {VectorizationMode::kSimulator, VectorizationMode::kSync}) {
      const VectorOptions options{
          .mode = engine, .autoreset = autoreset, .max_episode_steps = 13, .warn = ignore_warnings};
      const VectorEnvPtr envs = make_vec(GetParam(), 3, options), restored = make_vec(GetParam(), 3, options);
      const SpacePtr actions = envs->single_action_space().clone();
      actions->seed(11);
      const int steps = affordable_steps(*envs);
      Hash before, rest, same_rest;
      envs->reset(5);
      testing::drive(*envs, *actions, steps, before);

      restored->set_state(decode(encode(envs->get_state())));
      EXPECT_EQ(restored->last().observations, envs->last().observations);
      const SpacePtr same_actions = actions->clone();
      testing::drive(*envs, *actions, steps, rest);
      testing::drive(*restored, *same_actions, steps, same_rest);
      EXPECT_EQ(rest.value(), same_rest.value()) << name_of(autoreset);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryEnvironment, ::testing::ValuesIn(all_ids()),
                         [](const auto& id) { return plain(id.param); });

// The checks that a wrapper fails by design. Statistics carry over between episodes, so that a seed does not repeat its
// numbers.
const std::map<std::string, std::set<std::string>> kExceptions{{"NormalizeObservation", {"seed", "determinism"}},
                                                               {"NormalizeReward", {"seed", "determinism"}}};

// Every environment of the registry, and images with discrete actions, which some wrappers are made for.
std::vector<std::pair<std::string, Dict>> environments_to_wrap() {
  std::vector<std::pair<std::string, Dict>> all;
  for (const std::string& id : all_ids()) {
    all.emplace_back(id, Dict{});
    if (id == "CarRacing-v3") all.emplace_back(id, Dict{{"continuous", false}});
  }
  return all;
}

class EveryWrapper : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryWrapper, KeepsTheContractAroundEveryEnvironmentThatItFits) {
  const auto wrapper = std::find_if(registered_wrappers().begin(), registered_wrappers().end(),
                                    [](const RegisteredWrapper& known) { return known.name == GetParam(); });
  const WrapperSpec spec{wrapper->name, wrapper->example};
  const auto exceptions = kExceptions.find(GetParam());
  std::size_t fitting = 0;
  for (const auto& [id, kwargs] : environments_to_wrap()) {
    const auto wrapped = [&id = id, &kwargs = kwargs, &spec] { return wrap(quietly_made(id, kwargs), spec); };
    try {
      wrapped();
    } catch (const InputError&) {
      continue;  // made for other spaces
    }
    ++fitting;
    const EnvPtr env = wrapped(), other = wrapped();
    env->reset(1), other->reset(2);
    expect_damaged_states_refused(*env, *other, id);
    const CheckReport report = check_env(wrapped, {.steps = 40, .longest_episode = 100});
    for (const Check& check : report.checks) {
      const bool excepted = exceptions != kExceptions.end() && exceptions->second.contains(check.name);
      if (excepted) continue;
      EXPECT_NE(check.outcome(), "failed") << id << "\n" << report.to_text();
    }
  }
  EXPECT_GT(fitting, 0u) << "no environment of the registry fits it";
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryWrapper, ::testing::ValuesIn(all_wrappers()),
                         [](const auto& name) { return plain(name.param); });

TEST(Wrappers, AreSortedAndDistinct) {
  const std::vector<std::string> names = all_wrappers();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace ludus::envs
