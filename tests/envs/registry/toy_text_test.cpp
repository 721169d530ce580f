#include "envs/registry/toy_text.h"

#include <gtest/gtest.h>

#include "base/value_io.h"
#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

struct Expected {
  const char* id;
  std::optional<std::int64_t> steps;
  std::optional<double> threshold;
};

const std::vector<Expected> kAll{{"FrozenLake-v1", 100, 0.7}, {"FrozenLake8x8-v1", 200, 0.85},
                                 {"CliffWalking-v1", {}, {}}, {"CliffWalkingSlippery-v1", {}, {}},
                                 {"Taxi-v3", 200, 8.0},       {"Taxi-v4", 200, 8.0},
                                 {"Blackjack-v1", {}, {}}};

TEST(ToyText, LimitsAndThresholdsAreGymnasiums) {
  for (const Expected& expected : kAll) {
    EXPECT_EQ(spec(expected.id).max_episode_steps, expected.steps) << expected.id;
    EXPECT_EQ(spec(expected.id).reward_threshold, expected.threshold) << expected.id;
  }
  EXPECT_EQ(make("Blackjack-v1")->attribute("sab"), Value(true));
}

TEST(ToyText, RestoredMidEpisodeGoesOnIdentically) {
  for (const Expected& expected : kAll) {
    const EnvPtr env = make(expected.id, {}, {.warn = [](const auto&) {}});
    const EnvPtr twin = make(expected.id, {}, {.warn = [](const auto&) {}});
    env->action_space().seed(4);
    for (std::uint64_t episode = 0; episode < 5; ++episode) {
      env->reset(episode);
      twin->set_state(decode(encode(env->get_state())));
      bool ended = false;
      for (int t = 0; t < 50 && !ended; ++t) {
        const Value action = env->action_space().sample();
        const Step ours = env->step(action), theirs = twin->step(action);
        ASSERT_EQ(ours.observation, theirs.observation) << expected.id;
        ASSERT_EQ(ours.reward, theirs.reward) << expected.id;
        ASSERT_EQ(ours.info, theirs.info) << expected.id;
        ASSERT_TRUE(env->observation_space().contains(ours.observation)) << expected.id;
        ended = ours.terminated || ours.truncated;
      }
    }
  }
}

TEST(ToyText, SideBySideAsAlone) {
  // environment i of a batch equals a single environment with seed + i
  for (const Expected& expected : kAll) {
    const auto envs = make_vec(expected.id, 3, {.warn = [](const auto&) {}});
    const VectorStep& batch = envs->reset(7);
    for (std::size_t i = 0; i < 3; ++i) {
      const EnvPtr single = make(expected.id, {}, {.warn = [](const auto&) {}});
      std::vector<double> row(envs->observation_size());
      single->observation_space().to_row(single->reset(7 + i).observation, row);
      for (std::size_t k = 0; k < row.size(); ++k) {
        EXPECT_EQ(static_cast<double>(batch.observations[i * row.size() + k]), row[k]) << expected.id;
      }
    }
  }
}

}  // namespace
}  // namespace ludus::envs
