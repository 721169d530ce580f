// Tests that apply to every registered wrapper.
#include "envs/registry/wrapper_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/wrappers/transform_wrappers.h"
#include "tests/envs/support/drive.h"
#include "tests/envs/wrappers/scripted_env.h"
#include "tests/support/out_of_range.h"

namespace ludus::envs {

void PrintTo(const RegisteredWrapper& wrapper, std::ostream* out) {
  *out << wrapper.name;
}

namespace {

constexpr int kSteps = 30;

// RGB frames of random pixels, with lives.
EnvPtr screens(const Dict&) {
  Generator random(1);
  Script script{std::make_unique<Box>(0, 255, Shape{6, 9, 3}, DType::kUInt8), {}, std::vector<double>(500, 1.0)};
  for (std::int64_t t = 0; t <= 500; ++t) {
    script.observations.push_back(random.integers_array(0, 255, Shape{6, 9, 3}, DType::kUInt8));
    script.info.push_back({{"lives", 9 - t / 60}});
  }
  return std::make_unique<ScriptedEnv>(std::move(script));
}

const std::vector<std::string>& ids() {
  static const std::vector<std::string> all = [] {
    register_env({.id = "WrapperTableScreens-v0", .max_episode_steps = 500}, screens);
    return std::vector<std::string>{"CartPole-v1",   "Pendulum-v1",  "MountainCar-v0",
                                    "FrozenLake-v1", "Blackjack-v1", "WrapperTableScreens-v0"};
  }();
  return all;
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "no error";
}

// All results of one step.
using Trace = std::vector<Value>;

// Steps with sampled actions, and resets after the end of an episode.
Trace trace(Env& env, int steps) {
  Trace all;
  for (int t = 0; t < steps; ++t) {
    Step step = env.step(env.action_space().sample());
    step.info.erase("episode");  // elapsed time differs
    all.push_back(List{step.observation, step.reward, step.terminated, step.truncated, step.info});
    if (step.terminated || step.truncated) all.push_back(env.reset().observation);
  }
  return all;
}

class EveryWrapper : public ::testing::TestWithParam<RegisteredWrapper> {
 protected:
  // Calls `work` with each supported environment, wrapped; there must be at least one.
  void on_each(const std::function<void(EnvPtr)>& work) {
    int applied = 0;
    for (const std::string& id : ids()) {
      EnvPtr env;
      try {
        env = wrap(make(id), {GetParam().name, GetParam().example});
      } catch (const InvalidArgument&) {
        continue;  // not supported
      }
      SCOPED_TRACE(id);
      ++applied;
      work(std::move(env));
    }
    EXPECT_GT(applied, 0) << "an example that suits no environment";
  }
};

TEST_P(EveryWrapper, IsRebuiltFromItsSpec) {
  on_each([](EnvPtr env) {
    const EnvSpec spec = EnvSpec::from_dict(from_json(to_json(env->spec().to_dict())).as_dict());
    const EnvPtr rebuilt = make(spec);
    EXPECT_EQ(to_json(rebuilt->spec().to_dict()), to_json(env->spec().to_dict()));
    EXPECT_TRUE(rebuilt->observation_space().equals(env->observation_space()));
    EXPECT_TRUE(rebuilt->action_space().equals(env->action_space()));
    for (Env* each : {env.get(), rebuilt.get()}) each->action_space().seed(7);
    EXPECT_EQ(env->reset(3).observation, rebuilt->reset(3).observation);
    EXPECT_EQ(trace(*env, kSteps), trace(*rebuilt, kSteps));
  });
}

TEST_P(EveryWrapper, IsSavedCopiedAndRestoredMidEpisode) {
  on_each([](EnvPtr env) {
    env->action_space().seed(7);
    env->reset(3);
    trace(*env, 5);
    const EnvPtr restored = make(env->spec());
    restored->set_state(decode(encode(env->get_state())));
    const EnvPtr copy = env->clone();
    EXPECT_EQ(copy->spec(), env->spec());
    for (Env* each : {env.get(), restored.get(), copy.get()}) each->action_space().seed(8);
    const Trace rest = trace(*env, kSteps);
    EXPECT_EQ(trace(*restored, kSteps), rest);
    EXPECT_EQ(trace(*copy, kSteps), rest);
  });
}

TEST_P(EveryWrapper, GivesObservationsOfItsSpace) {
  on_each([](EnvPtr env) {
    env->action_space().seed(7);
    EXPECT_TRUE(env->observation_space().contains(env->reset(3).observation));
    for (int t = 0; t < kSteps; ++t) {
      const Step step = env->step(env->action_space().sample());
      ASSERT_TRUE(env->observation_space().contains(step.observation)) << step.observation.describe();
      if (step.terminated || step.truncated) env->reset();
    }
  });
}

TEST_P(EveryWrapper, RefusesArgumentsItDoesNotHave) {
  on_each([](EnvPtr env) {
    WrapperSpec wrong{GetParam().name, GetParam().example};
    wrong.kwargs["nonsense"] = 1;
    EXPECT_THROW(wrap(make(env->spec().id), wrong), InvalidArgument);
  });
}

TEST_P(EveryWrapper, RefusesArgumentsOutOfRangeWithTheirName) {
  on_each([](EnvPtr env) {
    for (const FieldInfo& argument : GetParam().arguments) {
      for (const Value& value : values_outside(argument)) {
        WrapperSpec wrong{GetParam().name, GetParam().example};
        wrong.kwargs[argument.name] = value;
        const std::string message = message_of([&] { wrap(make(env->spec().id), wrong); });
        EXPECT_EQ(message.find(GetParam().name), 0u) << message;
        EXPECT_NE(message.find(": " + argument.name), std::string::npos) << message;
        EXPECT_NE(message.find(" must be "), std::string::npos) << message;
      }
    }
  });
}

// With the same inner actions, the wrapped environment returns the same results, except for its declared effect.
TEST_P(EveryWrapper, ChangesNoMoreThanItSays) {
  if (GetParam().effect == WrapperEffect::kTask) return;  // may change everything
  on_each([](EnvPtr env) {
    const auto may_change = [](WrapperEffect part) { return GetParam().effect == part; };
    EnvSpec inside = env->spec();
    inside.wrappers.clear();
    const EnvPtr bare = make(inside);
    if (!may_change(WrapperEffect::kObservation)) {
      EXPECT_TRUE(env->observation_space().equals(bare->observation_space()));
    }
    // action wrappers use actions that are equal after the transformation: only their spaces are compared
    if (may_change(WrapperEffect::kAction)) return;
    EXPECT_TRUE(env->action_space().equals(bare->action_space()));
    env->action_space().seed(7);
    env->reset(3);
    bare->reset(3);
    for (int t = 0; t < kSteps; ++t) {
      const Value action = env->action_space().sample();
      const Step wrapped = env->step(action), plain = bare->step(action);
      EXPECT_EQ(wrapped.terminated, plain.terminated);
      EXPECT_EQ(wrapped.truncated, plain.truncated);
      if (!may_change(WrapperEffect::kReward)) {
        EXPECT_EQ(wrapped.reward, plain.reward);
      }
      if (!may_change(WrapperEffect::kObservation)) {
        EXPECT_EQ(wrapped.observation, plain.observation);
      }
      if (plain.terminated || plain.truncated) {
        env->reset();
        bare->reset();
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Table, EveryWrapper, ::testing::ValuesIn(registered_wrappers()),
                         [](const auto& wrapper) { return wrapper.param.name; });

TEST(WrapperTable, HasAllOfGymnasiumsThatNeedNoFunction) {
  std::vector<std::string> names;
  for (const RegisteredWrapper& wrapper : registered_wrappers()) names.push_back(wrapper.name);
  EXPECT_EQ(names, (std::vector<std::string>{"AtariPreprocessing",
                                             "Autoreset",
                                             "ClipAction",
                                             "ClipReward",
                                             "DelayObservation",
                                             "DiscretizeAction",
                                             "DiscretizeObservation",
                                             "DtypeObservation",
                                             "FilterObservation",
                                             "FlattenObservation",
                                             "FrameStackObservation",
                                             "GrayscaleObservation",
                                             "MaxAndSkipObservation",
                                             "NormalizeObservation",
                                             "NormalizeReward",
                                             "OrderEnforcing",
                                             "PassiveEnvChecker",
                                             "RecordEpisodeStatistics",
                                             "RenderCollection",
                                             "RepeatAction",
                                             "RescaleAction",
                                             "RescaleObservation",
                                             "ReshapeObservation",
                                             "ResizeObservation",
                                             "StickyAction",
                                             "TimeAwareObservation",
                                             "TimeLimit"}));
}

TEST(WrapperTable, SaysWhatIsWrong) {
  const auto wrapping = [](const WrapperSpec& wrapper) {
    return message_of([&] { wrap(make("CartPole-v1"), wrapper); });
  };
  EXPECT_EQ(wrapping({"ClipRewards", {}}), "there is no wrapper `ClipRewards`. Did you mean `ClipReward`?");
  EXPECT_EQ(wrapping({"DelayObservation", {}}), "DelayObservation needs the argument \"delay\"");
  EXPECT_EQ(wrapping({"DelayObservation", {{"delay", 1}, {"delai", 2}}}),
            "DelayObservation has no argument \"delai\". Did you mean `delay`? It has: delay");
  EXPECT_EQ(wrapping({"DelayObservation", {{"delai", 2}}}),
            "DelayObservation has no argument \"delai\". Did you mean `delay`?");
  EXPECT_EQ(wrapping({"StickyAction", {{"repeat_action_duration", 2}}}),
            "StickyAction needs the argument \"repeat_action_probability\"");
  EXPECT_EQ(wrapping({"DelayObservation", {{"delay", -1}}}), "DelayObservation: delay must be at least 0, got -1");
  EXPECT_EQ(wrapping({"NormalizeReward", {{"gamma", 1.5}}}), "NormalizeReward: gamma must be between 0 and 1, got 1.5");
  EXPECT_EQ(wrapping({"ClipReward", {{"min_reward", std::nan("")}}}),
            "ClipReward: min_reward must be a number, or null, got nan");
  EXPECT_EQ(wrapping({"ClipReward", {}}), "ClipReward: min_reward, max_reward or both are needed");
  EXPECT_EQ(wrapping({"DelayObservation", {{"delay", "two"}}}),
            "DelayObservation, argument \"delay\": must be an integer, got the string \"two\"");
  EXPECT_NE(wrapping({"vector.ClipReward", {}}).find("use make_vec"), std::string::npos);
}

TEST(WrapperTable, AWrapperOfAFunctionIsRecordedButNotRebuilt) {
  const TransformReward env(make("CartPole-v1"), [](double r) { return -r; });
  ASSERT_EQ(env.spec().wrappers.size(), 1u);
  EXPECT_EQ(message_of([&] { make(env.spec()); }),
            "`TransformReward` takes a function, which a spec cannot represent; construct the wrapper in the program");
}

TEST(WrapperTable, RebuildsAStackInItsOrder) {
  EnvPtr env = make("Pendulum-v1", {{"g", 9.0}}, {.max_episode_steps = 40});
  env = wrap(std::move(env), {"RescaleAction", {{"min_action", -1}, {"max_action", 1}}});
  env = wrap(std::move(env), {"FrameStackObservation", {{"stack_size", 2}, {"padding_type", floats({1, 0, 0})}}});
  env = wrap(std::move(env), {"FlattenObservation", {}});
  env = wrap(std::move(env), {"NormalizeReward", {{"gamma", 0.9}}});
  const EnvPtr rebuilt = make(EnvSpec::from_dict(from_json(to_json(env->spec().to_dict())).as_dict()));
  for (Env* each : {env.get(), rebuilt.get()}) each->action_space().seed(7);
  EXPECT_EQ(env->reset(3).observation, rebuilt->reset(3).observation);
  EXPECT_EQ(trace(*env, 50), trace(*rebuilt, 50));
}

TEST(WrapperTable, ATimeLimitAroundOthersKeepsItsPlace) {
  // 10 steps of two inner steps each are within the spec's 500, and the outer limit counts the pairs
  EnvPtr env = wrap(make("CartPole-v1"), {"RepeatAction", {{"num_repeats", 2}}});
  env = wrap(std::move(env), {"TimeLimit", {{"max_episode_steps", 3}}});
  env = wrap(std::move(env), {"TimeAwareObservation", {{"flatten", false}}});
  EXPECT_EQ(env->spec().max_episode_steps, 500);
  ASSERT_EQ(env->spec().wrappers.size(), 3u);
  EXPECT_EQ(env->spec().wrappers[1], (WrapperSpec{"TimeLimit", {{"max_episode_steps", 3}}}));
  const EnvPtr rebuilt = make(env->spec());
  rebuilt->reset(0);
  EXPECT_FALSE(rebuilt->step(0).truncated);
  EXPECT_FALSE(rebuilt->step(1).truncated);
  const Step last = rebuilt->step(0);
  EXPECT_TRUE(last.truncated);
  EXPECT_TRUE(rebuilt->observation_space().contains(last.observation));  // time reaches 3
  EXPECT_EQ(last.observation.as_dict().at("time"), Value(Array::of<std::int32_t>({3})));
}

// Steps by a sampled batch of actions.
void step(VectorEnv& envs, Space& actions) {
  envs.step(testing::random_actions(actions, envs.num_envs()));
}

std::vector<double> trace(VectorEnv& envs, int steps, std::uint64_t seed) {
  const SpacePtr actions = envs.single_action_space().clone();
  actions->seed(seed);
  std::vector<double> all;
  for (int t = 0; t < steps; ++t) {
    step(envs, *actions);
    const VectorStep& last = envs.last();
    all.insert(all.end(), last.observations.begin(), last.observations.end());
    all.insert(all.end(), last.rewards.begin(), last.rewards.end());
    all.insert(all.end(), last.terminated.begin(), last.terminated.end());
    all.insert(all.end(), last.truncated.begin(), last.truncated.end());
    for (std::size_t i = 0; i < envs.num_envs(); ++i) {
      const auto begin = last.final_observations.begin() + static_cast<std::ptrdiff_t>(i * envs.observation_size());
      if (last.has_final[i]) all.insert(all.end(), begin, begin + static_cast<std::ptrdiff_t>(envs.observation_size()));
    }
  }
  return all;
}

class EveryVectorWrapper : public ::testing::TestWithParam<RegisteredWrapper> {};

TEST_P(EveryVectorWrapper, IsRebuiltSavedAndRestored) {
  int applied = 0;
  for (const std::string& id : ids()) {
    for (const AutoresetMode mode : {AutoresetMode::kNextStep, AutoresetMode::kSameStep}) {
      const VectorOptions options{.autoreset = mode, .max_episode_steps = 13};
      VectorEnvPtr envs;
      try {
        envs = wrap(make_vec(id, 3, options), {GetParam().name, GetParam().example});
      } catch (const InvalidArgument&) {
        continue;  // not supported
      }
      SCOPED_TRACE(id + ", " + std::string(name_of(mode)));
      ++applied;
      const EnvSpec spec = EnvSpec::from_dict(from_json(to_json(envs->spec().to_dict())).as_dict());
      const VectorEnvPtr rebuilt = make_vec(spec, 3, {.autoreset = mode});
      EXPECT_EQ(to_json(rebuilt->spec().to_dict()), to_json(envs->spec().to_dict()));
      EXPECT_EQ(envs->reset(3).observations, rebuilt->reset(3).observations);
      EXPECT_EQ(trace(*envs, kSteps, 7), trace(*rebuilt, kSteps, 7));

      const VectorEnvPtr restored = make_vec(spec, 3, {.autoreset = mode});
      restored->set_state(decode(encode(envs->get_state())));
      EXPECT_EQ(restored->last().observations, envs->last().observations);
      EXPECT_EQ(trace(*envs, kSteps, 8), trace(*restored, kSteps, 8));
    }
  }
  EXPECT_GT(applied, 0) << "an example that suits no environment";
}

TEST_P(EveryVectorWrapper, RefusesArgumentsOutOfRangeWithTheirName) {
  const std::string name = GetParam().name.substr(std::string("vector.").size());
  for (const FieldInfo& argument : GetParam().arguments) {
    for (const Value& value : values_outside(argument)) {
      for (const std::string& id : ids()) {
        WrapperSpec wrong{GetParam().name, GetParam().example};
        try {
          wrap(make_vec(id, 2), wrong);
        } catch (const InvalidArgument&) {
          continue;  // not supported
        }
        wrong.kwargs[argument.name] = value;
        const std::string message = message_of([&] { wrap(make_vec(id, 2), wrong); });
        EXPECT_NE(message.find(name + ": " + argument.name), std::string::npos) << message;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryVectorWrapper, ::testing::ValuesIn(registered_vector_wrappers()),
                         [](const auto& wrapper) { return wrapper.param.name.substr(7); });

TEST(WrapperTable, AVectorsStackHoldsBothKinds) {
  VectorOptions options;
  options.wrap = [](EnvPtr env) { return wrap(std::move(env), {"TimeAwareObservation", {}}); };
  VectorEnvPtr envs = make_vec("CartPole-v1", 2, options);
  envs = wrap(std::move(envs), {"vector.NormalizeObservation", {}});
  ASSERT_EQ(envs->spec().wrappers.size(), 2u);
  EXPECT_EQ(envs->spec().wrappers[0].name, "TimeAwareObservation");
  EXPECT_EQ(envs->spec().wrappers[1].name, "vector.NormalizeObservation");
  const VectorEnvPtr rebuilt = make_vec(envs->spec(), 2);
  EXPECT_EQ(envs->reset(3).observations, rebuilt->reset(3).observations);
  EXPECT_EQ(trace(*envs, 50, 7), trace(*rebuilt, 50, 7));
  EXPECT_THROW(make(envs->spec()), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
