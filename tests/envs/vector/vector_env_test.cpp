#include "envs/vector/vector_env.h"

#include <gtest/gtest.h>

#include <map>

#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/vector/sync_vector_env.h"
#include "envs/wrappers/record_episode_statistics.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

AutoresetMode mode_of(const std::string& name) {
  if (name == "NextStep") return AutoresetMode::kNextStep;
  if (name == "SameStep") return AutoresetMode::kSameStep;
  return AutoresetMode::kDisabled;
}

std::vector<std::int64_t> integers(const Value& list) {
  const Array array = to_array(list, DType::kInt64);
  return {array.data<std::int64_t>().begin(), array.data<std::int64_t>().end()};
}

std::vector<float> floats(const Value& list) {
  const Array array = to_array(list, DType::kFloat32);
  return {array.data<float>().begin(), array.data<float>().end()};
}

std::vector<std::uint8_t> flags(const Value& list) {
  const Array array = to_array(list, DType::kUInt8);
  return {array.data<std::uint8_t>().begin(), array.data<std::uint8_t>().end()};
}

std::vector<double> doubles(const Value& list) {
  const Array array = to_array(list, DType::kFloat64);
  return {array.data<double>().begin(), array.data<double>().end()};
}

// Compares the info recorded by Gymnasium with ours; the record does not contain the time of an episode.
void expect_info(const Dict& recorded, const VectorStep& step, std::size_t row_size) {
  for (const auto& [key, value] : recorded) {
    if (key == "final_obs") {
      for (std::size_t i = 0; i < step.has_final.size(); ++i) {
        const Value& row = value.as_list()[i];
        ASSERT_EQ(step.has_final[i] != 0, !row.is_null());
        if (row.is_null()) continue;
        const std::vector<float> ours(
            step.final_observations.begin() + static_cast<std::ptrdiff_t>(i * row_size),
            step.final_observations.begin() + static_cast<std::ptrdiff_t>((i + 1) * row_size));
        ASSERT_EQ(ours, floats(row));
      }
      continue;
    }
    if (key == "_final_obs") {
      ASSERT_EQ(step.has_final, flags(value));
      continue;
    }
    const Dict* mine = &step.info;
    const Value* theirs = &value;
    if (key == "final_info" && !mine->contains(key)) {
      ASSERT_TRUE(value.as_dict().empty());
      continue;
    }
    if (key == "_final_info") {
      ASSERT_EQ(step.has_final, flags(value));
      continue;
    }
    if (key == "final_info") {
      mine = &step.info.at("final_info").as_dict();
      if (theirs->as_dict().empty()) continue;
      const Dict& episode = theirs->as_dict().at("episode").as_dict();
      for (const auto& [name, numbers] : episode) {
        ASSERT_EQ(doubles(mine->at("episode").as_dict().at(name).as_array().cast(DType::kFloat64)), doubles(numbers))
            << name;
      }
      continue;
    }
    if (key == "episode") {
      for (const auto& [name, numbers] : theirs->as_dict()) {
        ASSERT_EQ(doubles(mine->at("episode").as_dict().at(name).as_array().cast(DType::kFloat64)), doubles(numbers))
            << name;
      }
      continue;
    }
    ASSERT_EQ(doubles(mine->at(key).as_array().cast(DType::kFloat64)), doubles(value)) << key;
  }
}

void expect_record(const Dict& record, VectorEnv& envs) {
  const List& observations = record.at("obs").as_list();
  const List& actions = record.at("actions").as_list();
  ASSERT_EQ(envs.reset(record.at("seed").as_int()).observations, floats(observations[0]));

  std::map<std::int64_t, const Dict*> resets;
  if (const Value* list = record.find("resets")) {
    for (const Value& reset : list->as_list()) resets[reset.as_dict().at("step").as_int()] = &reset.as_dict();
  }
  const Value* infos = record.find("info");

  for (std::size_t t = 0; t < actions.size(); ++t) {
    const VectorStep& step = envs.step(std::span<const std::int64_t>(integers(actions[t])));
    ASSERT_EQ(step.observations, floats(observations[t + 1])) << "step " << t;
    ASSERT_EQ(step.rewards, doubles(record.at("reward").as_list()[t])) << "step " << t;
    ASSERT_EQ(step.terminated, flags(record.at("terminated").as_list()[t])) << "step " << t;
    ASSERT_EQ(step.truncated, flags(record.at("truncated").as_list()[t])) << "step " << t;
    if (infos) {
      if (const Value* info = infos->as_dict().find(std::to_string(t))) {
        expect_info(info->as_dict(), step, envs.observation_size());
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
    if (const auto reset = resets.find(static_cast<std::int64_t>(t)); reset != resets.end()) {
      const Array mask = to_array(reset->second->at("mask"), DType::kBool);
      ASSERT_EQ(envs.reset({}, {{"reset_mask", mask}}).observations, floats(reset->second->at("obs"))) << "reset " << t;
    }
  }
}

TEST(VectorGolden, CartPoleInThreeModesAndBatched) {
  const std::vector<Value> lines = testing::read_jsonl(testing::golden_directory() / "vector_CartPole-v1.jsonl");
  std::size_t records = 0;
  for (const Value& line : lines) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    const bool batched = record.at("class").as_string() == "CartPoleVectorEnv";
    const bool statistics =
        record.contains("record_episode_statistics") && record.at("record_episode_statistics").as_bool();

    std::vector<VectorizationMode> modes{VectorizationMode::kSync, VectorizationMode::kSimulator};
    if (batched) modes = {VectorizationMode::kVectorEntry, VectorizationMode::kDefault};
    if (statistics) modes = {VectorizationMode::kSync};  // the wrapper is applied to each environment
    for (const VectorizationMode mode : modes) {
      VectorOptions options;
      options.mode = mode;
      options.autoreset = mode_of(record.at("autoreset_mode").as_string());
      options.max_episode_steps = record.at("max_episode_steps").as_int();
      if (statistics) {
        options.wrap = [](EnvPtr env) -> EnvPtr { return std::make_unique<RecordEpisodeStatistics>(std::move(env)); };
      }
      const auto envs = make_vec("CartPole-v1", static_cast<std::size_t>(record.at("num_envs").as_int()), options);
      SCOPED_TRACE("record " + std::to_string(records) + ", mode " + std::to_string(static_cast<int>(mode)));
      expect_record(record, *envs);
      if (HasFatalFailure()) return;
    }
    ++records;
  }
  EXPECT_EQ(records, lines.size() - 1);
}

class EveryMode : public ::testing::TestWithParam<std::tuple<AutoresetMode, VectorizationMode>> {};

// Returns observations, rewards and flags of all steps, concatenated.
std::vector<float> trace(VectorEnv& envs, Generator& actions, int steps) {
  std::vector<float> all;
  for (int t = 0; t < steps; ++t) {
    if (envs.autoreset_mode() == AutoresetMode::kDisabled) {
      Array mask(DType::kBool, Shape{static_cast<std::int64_t>(envs.num_envs())});
      bool any = false;
      for (std::size_t i = 0; i < envs.num_envs(); ++i) {
        const bool ended = envs.last().terminated[i] || envs.last().truncated[i];
        mask.data<bool>()[i] = ended;
        any = any || ended;
      }
      if (any) envs.reset({}, {{"reset_mask", mask}});
    }
    std::vector<std::int64_t> row;
    for (std::size_t i = 0; i < envs.num_envs(); ++i) row.push_back(actions.integers(2));
    const VectorStep& step = envs.step(row);
    all.insert(all.end(), step.observations.begin(), step.observations.end());
    all.insert(all.end(), step.rewards.begin(), step.rewards.end());
    all.insert(all.end(), step.terminated.begin(), step.terminated.end());
    all.insert(all.end(), step.truncated.begin(), step.truncated.end());
  }
  return all;
}

TEST_P(EveryMode, ContinuesIdenticallyWhenRestoredMidEpisode) {
  const auto [autoreset, mode] = GetParam();
  VectorOptions options{.mode = mode, .autoreset = autoreset, .max_episode_steps = 23, .warn = ignore_warnings};
  const auto envs = make_vec("CartPole-v1", 5, options);
  Generator actions(9);
  envs->reset(3);
  trace(*envs, actions, 57);

  const Value saved = decode(encode(envs->get_state()));
  const auto restored = make_vec("CartPole-v1", 5, options);
  restored->set_state(saved);
  EXPECT_EQ(restored->last().observations, envs->last().observations);
  Generator again = actions;
  EXPECT_EQ(trace(*envs, actions, 80), trace(*restored, again, 80));
}

TEST_P(EveryMode, RejectsInvalidActionsWithoutStepping) {
  const auto [autoreset, mode] = GetParam();
  const auto envs = make_vec("CartPole-v1", 2, {.mode = mode, .autoreset = autoreset, .warn = ignore_warnings});
  const std::vector<std::int64_t> good{0, 1}, bad{0, 2}, few{0};
  const std::vector<float> continuous{0.0f, 1.0f};
  EXPECT_THROW(envs->step(good), ResetNeeded);
  envs->reset(1);
  const std::vector<float> before = envs->last().observations;
  EXPECT_THROW(envs->step(bad), InvalidAction);
  EXPECT_THROW(envs->step(few), InvalidAction);
  EXPECT_THROW(envs->step(continuous), InvalidAction);
  EXPECT_EQ(envs->last().observations, before);
  const auto twin = make_vec("CartPole-v1", 2, {.mode = mode, .autoreset = autoreset, .warn = ignore_warnings});
  twin->reset(1);
  EXPECT_EQ(envs->step(good).observations, twin->step(good).observations);
}

INSTANTIATE_TEST_SUITE_P(Vector, EveryMode,
                         ::testing::Combine(::testing::Values(AutoresetMode::kNextStep, AutoresetMode::kSameStep,
                                                              AutoresetMode::kDisabled),
                                            ::testing::Values(VectorizationMode::kSync, VectorizationMode::kSimulator)),
                         [](const auto& parameters) {
                           return std::string(name_of(std::get<0>(parameters.param))) +
                                  (std::get<1>(parameters.param) == VectorizationMode::kSync ? "_sync" : "_simulator");
                         });

TEST(VectorEnv, TerminationAndTruncationAreSeparate) {
  // a time limit of 1 truncates every episode at its first step; no pole falls in one step
  const auto envs = make_vec("CartPole-v1", 3, {.autoreset = AutoresetMode::kSameStep, .max_episode_steps = 1});
  envs->reset(0);
  const std::vector<std::int64_t> actions{0, 1, 0};
  const VectorStep& step = envs->step(actions);
  EXPECT_EQ(step.terminated, (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(step.truncated, (std::vector<std::uint8_t>{1, 1, 1}));
  EXPECT_EQ(step.has_final, (std::vector<std::uint8_t>{1, 1, 1}));
  EXPECT_NE(step.final_observations, step.observations);
}

TEST(VectorEnv, DisabledAutoresetRejectsStepsOfEndedEpisodes) {
  const auto envs = make_vec("CartPole-v1", 2, {.autoreset = AutoresetMode::kDisabled, .max_episode_steps = 1});
  envs->reset(0);
  const std::vector<std::int64_t> actions{0, 1};
  envs->step(actions);
  EXPECT_THROW(envs->step(actions), ResetNeeded);
  EXPECT_THROW(envs->reset({}, {{"reset_mask", Array::of({false, false})}}), InvalidArgument);
  EXPECT_THROW(envs->reset({}, {{"reset_mask", Array::of({true})}}), InvalidArgument);
  envs->reset({}, {{"reset_mask", Array::of({true, false})}});
  EXPECT_THROW(envs->step(actions), ResetNeeded);
}

TEST(VectorEnv, CartPoleVectorEntryIsSavedAndRestored) {
  VectorOptions options{.mode = VectorizationMode::kVectorEntry, .max_episode_steps = 20};
  const auto envs = make_vec("CartPole-v1", 4, options);
  Generator actions(1);
  envs->reset(5);
  trace(*envs, actions, 33);
  const auto restored = make_vec("CartPole-v1", 4, options);
  restored->set_state(decode(encode(envs->get_state())));
  Generator again = actions;
  EXPECT_EQ(trace(*envs, actions, 50), trace(*restored, again, 50));
  EXPECT_THROW(make_vec("CartPole-v1", 3, options)->set_state(envs->get_state()), TypeMismatch);
  options.autoreset = AutoresetMode::kSameStep;
  EXPECT_THROW(make_vec("CartPole-v1", 4, options), NotSupported);
}

TEST(VectorEnv, RequiresAtLeastOneEnvironment) {
  EXPECT_THROW(make_vec("CartPole-v1", 0), InvalidArgument);
  EXPECT_THROW(SyncVectorEnv({}, AutoresetMode::kNextStep), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
