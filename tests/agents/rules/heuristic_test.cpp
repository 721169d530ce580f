#include "agents/rules/heuristic.h"

#include <gtest/gtest.h>

#include "agents/rules/rules.h"
#include "agents/runner/evaluation.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents {
namespace {

using testing::make_envs;

EnvSignature read_metadata(const std::string& id) {
  return EnvSignature::of(*make_envs(id, 1));
}

TEST(Heuristic, ActsAsTheControllers) {
  const std::vector<float> two{0.2f, 1,    0.1f, -0.4f, 0.1f, 0.05f, 0, 0,   // in balance: nothing to do
                               0,    0.1f, 0,    -0.6f, 0,    0,     0, 0};  // low and fast: the main engine
  envs::ActionBatch actions;
  make_builtin("heuristic", read_metadata("LunarLander-v3"))->predict({two, 2}, true, actions);
  EXPECT_EQ(actions.discrete, (std::vector<std::int64_t>{0, 2}));
  EXPECT_TRUE(actions.continuous.empty());
  make_builtin("heuristic", read_metadata("LunarLanderContinuous-v3"))->predict({two, 2}, true, actions);
  ASSERT_EQ(actions.continuous.size(), 4u);
  EXPECT_EQ(actions.continuous[0], -1);
  EXPECT_EQ(actions.continuous[2], 1);
  EXPECT_TRUE(actions.discrete.empty());
}

// With any number of parallel walkers, each has a separate gait, reset in every episode.
TEST(Heuristic, EvaluationsDoNotDependOnTheNumberOfEnvironments) {
  for (const std::string id : {"LunarLander-v3", "BipedalWalkerHardcore-v3"}) {
    std::vector<std::vector<double>> returns;
    for (const std::size_t n : {1, 3}) {
      const auto envs = make_envs(id, n, envs::AutoresetMode::kDisabled);
      const auto policy = make_builtin("heuristic", EnvSignature::of(*envs));
      returns.push_back(evaluate(*policy, *envs, 5, 0).returns);
    }
    EXPECT_EQ(returns[0], returns[1]) << id;
  }
}

TEST(Heuristic, AWalkerNeedsEnvironmentsAndStartsOfEpisodes) {
  const auto policy = make_builtin("heuristic", read_metadata("BipedalWalker-v3"));
  const std::vector<float> observation(24);
  envs::ActionBatch actions;
  EXPECT_THROW(policy->predict({observation, 1}, true, actions), InvalidArgument);
  const std::vector<std::size_t> envs{0};
  const std::vector<std::uint8_t> start{1};
  EXPECT_THROW(policy->predict({.rows = observation, .size = 1, .envs = envs}, true, actions), InvalidArgument);
  EXPECT_THROW(policy->predict({.rows = observation, .size = 1, .episode_start = start}, true, actions),
               InvalidArgument);
  policy->predict({.rows = observation, .size = 1, .envs = envs, .episode_start = start}, true, actions);
  EXPECT_EQ(actions.continuous, std::vector<float>(4, 0.0f));  // the first action of an episode
}

TEST(Heuristic, RefusesOtherEnvironments) {
  EXPECT_THROW(make_builtin("heuristic", read_metadata("CartPole-v1")), NotApplicable);
}

}  // namespace
}  // namespace ludus::agents
