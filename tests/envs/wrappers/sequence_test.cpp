// The wrappers that remember earlier steps, or make several of one.
#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/tuple.h"
#include "envs/wrappers/autoreset.h"
#include "envs/wrappers/delay_observation.h"
#include "envs/wrappers/frame_stack_observation.h"
#include "envs/wrappers/passive_env_checker.h"
#include "envs/wrappers/repeat_action.h"
#include "envs/wrappers/sticky_action.h"
#include "envs/wrappers/time_aware_observation.h"
#include "envs/wrappers/time_limit.h"
#include "tests/envs/wrappers/scripted_env.h"

namespace ludus::envs {
namespace {

EnvPtr counter(std::size_t steps) {
  return std::make_unique<ScriptedEnv>(counting(steps));
}

// The first number of the observation of a reset and of each step.
std::vector<double> numbers(Env& env, int steps) {
  std::vector<double> all{env.reset(0).observation.as_array().get(0)};
  for (int t = 0; t < steps; ++t) all.push_back(env.step(0).observation.as_array().get(0));
  return all;
}

TEST(DelayObservation, DelaysObservations) {
  DelayObservation env(counter(6), 2);
  for (int episode = 0; episode < 2; ++episode) EXPECT_EQ(numbers(env, 4), (std::vector<double>{0, 0, 0, 1, 2}));
  DelayObservation now(counter(6), 0);
  EXPECT_EQ(numbers(now, 3), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_THROW(DelayObservation(counter(6), -1), InvalidArgument);

  // before there is an observation, the nearest to zero that the space allows
  Script script = counting(3);
  script.observation_space = std::make_unique<Box>(2.0, 9.0, Shape{1});
  script.observations = List(4, floats({5}));
  DelayObservation bounded(std::make_unique<ScriptedEnv>(std::move(script)), 1);
  EXPECT_EQ(numbers(bounded, 1), (std::vector<double>{2, 5}));
}

TEST(FrameStackObservation, StacksOldestFirst) {
  const auto stacked = [](const Value& padding) {
    FrameStackObservation env(counter(6), 3, padding);
    std::vector<Value> shown{env.reset(0).observation};
    for (int t = 0; t < 3; ++t) shown.push_back(env.step(0).observation);
    EXPECT_TRUE(env.observation_space().contains(shown[3]));
    EXPECT_EQ(env.reset(0).observation, shown[0]);  // a new episode remembers nothing
    return shown;
  };
  const auto rows = [](std::initializer_list<float> frames) { return Value(floats(frames).reshaped({3, 1})); };
  EXPECT_EQ(stacked("reset"), (std::vector<Value>{rows({0, 0, 0}), rows({0, 0, 1}), rows({0, 1, 2}), rows({1, 2, 3})}));
  EXPECT_EQ(stacked(floats({9})),
            (std::vector<Value>{rows({9, 9, 0}), rows({9, 0, 1}), rows({0, 1, 2}), rows({1, 2, 3})}));
  EXPECT_EQ(stacked("zero")[1], rows({0, 0, 1}));
  EXPECT_THROW(FrameStackObservation(counter(6), 0), InvalidArgument);
  EXPECT_THROW(FrameStackObservation(counter(6), 2, "rest"), InvalidArgument);
}

TEST(FrameStackObservation, StacksNumbersAndParts) {
  FrameStackObservation lake(make("FrozenLake-v1"), 2);
  EXPECT_EQ(lake.reset(0).observation, Value(Array::of<std::int64_t>({0, 0})));
  FrameStackObservation cards(make("Blackjack-v1"), 2);
  const Value hands = cards.reset(0).observation;
  EXPECT_TRUE(cards.observation_space().contains(hands));
  EXPECT_EQ(hands.as_list()[0].as_array().get(0), hands.as_list()[0].as_array().get(1));
}

TEST(TimeAwareObservation, AddsTheTimeStep) {
  const auto limited = [](SpacePtr space, const Value& observation) -> EnvPtr {
    Script script{std::move(space), List(9, observation), std::vector<double>(8, 1.0)};
    return std::make_unique<TimeLimit>(std::make_unique<ScriptedEnv>(std::move(script)), 8);
  };
  const auto last = [](Env& env) {
    env.reset(0);
    env.step(0);
    const Value observation = env.step(0).observation;
    EXPECT_TRUE(env.observation_space().contains(observation)) << env.observation_space().to_string();
    return observation;
  };
  const Array two = Array::of<std::int32_t>({2});

  TimeAwareObservation flat(limited(reals(1), floats({7})));
  EXPECT_EQ(last(flat), Value(Array::of({7.0, 2.0})));
  TimeAwareObservation share(limited(reals(1), floats({7})), true, true);
  EXPECT_EQ(last(share), Value(floats({7, 0.25f})));
  TimeAwareObservation named(limited(reals(1), floats({7})), false);
  EXPECT_EQ(last(named), Value(Dict{{"obs", floats({7})}, {"time", two}}));

  const auto dict = [] {
    std::vector<DictSpace::Part> parts;
    parts.emplace_back("x", reals(1));
    return std::make_unique<DictSpace>(std::move(parts));
  };
  TimeAwareObservation kept(limited(dict(), Dict{{"x", floats({7})}}), false, false, "clock");
  EXPECT_EQ(last(kept), Value(Dict{{"x", floats({7})}, {"clock", two}}));
  EXPECT_THROW(TimeAwareObservation(limited(dict(), Dict{{"x", floats({7})}}), false, false, "x"), InvalidArgument);

  std::vector<SpacePtr> parts;
  parts.push_back(reals(1));
  TimeAwareObservation listed(limited(std::make_unique<Tuple>(std::move(parts)), List{floats({7})}), false);
  EXPECT_EQ(last(listed), Value(List{floats({7}), two}));
  EXPECT_THROW(TimeAwareObservation{counter(3)}, InvalidArgument);  // no time limit
}

TEST(RepeatAction, SumsRewardsUntilTheEpisodeEnds) {
  Script script = counting(5);
  script.rewards = {1, 2, 4, 8, 16};
  RepeatAction env(std::make_unique<ScriptedEnv>(std::move(script)), 3);
  env.reset(0);
  const Step first = env.step(4);
  EXPECT_EQ(first.reward, 7);
  EXPECT_EQ(first.observation, Value(floats({3})));
  const Step second = env.step(4);
  EXPECT_EQ(second.reward, 24);
  EXPECT_TRUE(second.terminated);
  EXPECT_EQ(static_cast<ScriptedEnv&>(env.unwrapped()).actions(), List(5, 4));
  EXPECT_THROW(RepeatAction(counter(3), 0), InvalidArgument);
}

TEST(MaxAndSkipObservation, ReturnsTheMaximumOfTheLastTwo) {
  Script script = counting(5);
  script.observation_space = reals(2);
  script.observations = {floats({0, 0}), floats({9, 9}), floats({1, 5}),
                         floats({2, 3}), floats({8, 1}), floats({4, 4})};
  MaxAndSkipObservation env(std::make_unique<ScriptedEnv>(std::move(script)), 3);
  EXPECT_EQ(env.reset(0).observation, Value(floats({0, 0})));
  EXPECT_EQ(env.step(0).observation, Value(floats({2, 5})));
  // it ends with the second of three frames: that one is kept, and the other is still the third of before
  const Step last = env.step(0);
  EXPECT_TRUE(last.terminated);
  EXPECT_EQ(last.observation, Value(floats({4, 4})));
  EXPECT_THROW(MaxAndSkipObservation(counter(3), 1), InvalidArgument);
  EXPECT_THROW(MaxAndSkipObservation{make("FrozenLake-v1")}, InvalidArgument);
}

TEST(StickyAction, RepeatsWithProbabilityAndDuration) {
  // the draws of the environment's generator decide; the first action of an episode always passes
  const auto done = [](double probability, std::int64_t shortest, std::int64_t longest) {
    StickyAction env(counter(30), probability, shortest, longest);
    env.reset(11);
    for (int action = 0; action < 20; ++action) env.step(action);
    std::vector<std::int64_t> actions;
    for (const Value& action : static_cast<ScriptedEnv&>(env.unwrapped()).actions()) actions.push_back(action.as_int());
    return actions;
  };
  const auto by_hand = [](double probability, std::int64_t shortest, std::int64_t longest) {
    Generator random(11);
    std::vector<std::int64_t> actions{0};
    for (std::int64_t action = 1; action < 20;) {
      if (random.random() >= probability) {
        actions.push_back(action++);
        continue;
      }
      const std::int64_t stuck = actions.back();
      for (std::int64_t k = random.integers(shortest, longest + 1); k > 0 && action < 20; --k, ++action) {
        actions.push_back(stuck);
      }
    }
    return actions;
  };
  for (const auto& [shortest, longest] : {std::pair{1, 1}, {2, 2}, {1, 3}}) {
    EXPECT_EQ(done(0.4, shortest, longest), by_hand(0.4, shortest, longest));
  }
  std::vector<std::int64_t> free;
  for (std::int64_t action = 0; action < 20; ++action) free.push_back(action);
  EXPECT_EQ(done(0, 1, 1), free);
  EXPECT_THROW(StickyAction(counter(3), 1), InvalidArgument);
  EXPECT_THROW(StickyAction(counter(3), -0.1), InvalidArgument);
  EXPECT_THROW(StickyAction(counter(3), 0.5, 0, 2), InvalidArgument);
  EXPECT_THROW(StickyAction(counter(3), 0.5, 3, 2), InvalidArgument);
}

TEST(StickyAction, MatchesGymnasiumsTest) {
  // Gymnasium's tests/wrappers/test_sticky_action.py: seed 11, probability 0.25
  const auto done = [](std::int64_t shortest, std::int64_t longest) {
    StickyAction env(counter(30), 0.25, shortest, longest);
    env.reset(11);
    for (int action = 0; action < 8; ++action) env.step(action);
    return static_cast<ScriptedEnv&>(env.unwrapped()).actions();
  };
  EXPECT_EQ(done(1, 1), (List{0, 0, 2, 3, 3, 3, 6, 6}));
  EXPECT_EQ(done(2, 2), (List{0, 0, 0, 3, 4, 4, 4, 4}));
  EXPECT_EQ(done(1, 3), (List{0, 0, 0, 0, 4, 4, 4, 4}));
}

TEST(Autoreset, ResetsInTheNextStep) {
  Autoreset env(counter(2));
  env.reset(0);
  env.step(0);
  EXPECT_TRUE(env.step(0).terminated);
  const Step begun = env.step(5);
  EXPECT_EQ(begun.observation, Value(floats({0})));
  EXPECT_EQ(begun.reward, 0);
  EXPECT_FALSE(begun.terminated || begun.truncated);
  EXPECT_EQ(env.step(0).observation, Value(floats({1})));
  EXPECT_EQ(static_cast<ScriptedEnv&>(env.unwrapped()).resets(), 2);
}

TEST(PassiveEnvChecker, WarnsAndPassesThrough) {
  std::vector<std::string> said;
  const Warn hear = [&](const std::string& sentence) { said.push_back(sentence); };
  Script script = counting(3);
  script.observation_space = std::make_unique<Box>(0.0, 0.5, Shape{1});
  script.rewards[0] = NAN;
  script.observations[0] = floats({2});
  PassiveEnvChecker wrong(std::make_unique<ScriptedEnv>(std::move(script)), hear);
  EXPECT_EQ(wrong.reset(0).observation, Value(floats({2})));
  EXPECT_EQ(said.size(), 1u);  // outside the space
  EXPECT_TRUE(std::isnan(wrong.step(0).reward));
  ASSERT_EQ(said.size(), 3u);
  EXPECT_NE(said[1].find("observation of step()"), std::string::npos);
  EXPECT_NE(said[2].find("not a number"), std::string::npos);
  wrong.step(0);
  wrong.reset();
  EXPECT_EQ(said.size(), 3u);  // only the first time

  said.clear();
  PassiveEnvChecker right(make("CartPole-v1"), hear);
  right.reset(0);
  right.step(0);
  right.render();
  EXPECT_TRUE(said.empty());

  Script narrow = counting(3);
  narrow.observation_space = std::make_unique<Box>(1.0, 1.0, Shape{1});
  PassiveEnvChecker equal(std::make_unique<ScriptedEnv>(std::move(narrow)), hear);
  EXPECT_EQ(said.size(), 1u);
  Script empty = counting(3);
  empty.observation_space = std::make_unique<Tuple>(std::vector<SpacePtr>());
  EXPECT_THROW(PassiveEnvChecker(std::make_unique<ScriptedEnv>(std::move(empty)), hear), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
