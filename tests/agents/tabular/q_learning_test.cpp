#include "agents/tabular/q_learning.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "agents/runner/run_config.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;

// Explores for ever with a constant learning rate.
QLearning::Config exploring(double learning_rate) {
  return {.discount = 0.9, .learning_rate = learning_rate, .exploration = 1};
}

// γ = 0.9: right earns 1, 0.9, 0.81 from states 2, 1, 0; left is a step lost: 0.9 times the best of where it leads.
TEST(QLearning, FindsTheValuesOfAChain) {
  testing::register_small_envs();
  for (const std::size_t n : {1u, 4u}) {
    const auto envs = make_envs("AgentsTest/Chain-v0", n);
    QLearning agent(exploring(1), EnvSignature::of(*envs), 1, "cpu");
    agent.begin(4000);
    Driver(*envs, agent, 0).run(4000);
    const double wanted[3][2] = {{0.729, 0.81}, {0.729, 0.9}, {0.81, 1}};
    for (std::size_t s = 0; s < 3; ++s) {
      for (std::size_t a = 0; a < 2; ++a) EXPECT_NEAR(agent.values(s)[a], wanted[s][a], 1e-12) << s << a << n;
    }
    EXPECT_EQ(testing::returns_of(agent, "AgentsTest/Chain-v0", 3, 0), (std::vector<double>{1, 1, 1}));
  }
}

TEST(QLearning, EqualsAreTriedAlikeWhileTrainingAndTheFirstIsPlayed) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Ring-v0", 200);
  QLearning agent({.exploration = 0.0}, EnvSignature::of(*envs), 1, "cpu");
  const std::vector<float> observations(200, 6.0f);
  envs::ActionBatch actions;
  agent.act({observations, 200}, actions);
  // two actions, named -1 and 0; 100 of each expected, standard deviation 7
  EXPECT_NEAR(static_cast<double>(std::count(actions.discrete.begin(), actions.discrete.end(), -1)), 100, 30);
  EXPECT_EQ(std::set<std::int64_t>(actions.discrete.begin(), actions.discrete.end()), (std::set<std::int64_t>{-1, 0}));
  agent.predict({observations, 200}, true, actions);
  EXPECT_EQ(actions.discrete, std::vector<std::int64_t>(200, -1));
}

TEST(QLearning, ExplorationAndLearningRateDecayInAStraightLine) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Ring-v0", 1);
  QLearning agent({.learning_rate = "lin_0.5_0.1", .exploration = "lin_1_0.2_0.5"}, EnvSignature::of(*envs), 1, "cpu");
  agent.begin(100);
  Driver driver(*envs, agent, 0);
  EXPECT_EQ(agent.exploration_rate(), 1);
  EXPECT_EQ(agent.learning_rate(), 0.5);
  driver.run(25);
  EXPECT_NEAR(agent.exploration_rate(), 0.6, 1e-12);
  EXPECT_NEAR(agent.learning_rate(), 0.4, 1e-12);
  driver.run(25);
  EXPECT_NEAR(agent.exploration_rate(), 0.2, 1e-12);
  driver.run(50);
  EXPECT_NEAR(agent.exploration_rate(), 0.2, 1e-12);
  EXPECT_NEAR(agent.learning_rate(), 0.1, 1e-12);
}

TEST(QLearning, APolicyThatMayExploreDoesSoFromItsOwnSeed) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Ring-v0", 1);
  QLearning agent({.exploration = 0.5}, EnvSignature::of(*envs), 1, "cpu");
  const std::vector<float> observations(100, 6.0f);
  envs::ActionBatch first, second, again;
  agent.seed(8);
  agent.predict({observations, 100}, false, first);
  agent.predict({observations, 100}, false, second);
  agent.seed(8);
  agent.predict({observations, 100}, false, again);
  EXPECT_EQ(first.discrete, again.discrete);
  EXPECT_NE(first.discrete, second.discrete);
  // half of them random, half of those the other action
  EXPECT_NEAR(static_cast<double>(std::count(first.discrete.begin(), first.discrete.end(), 0)), 25, 15);
}

// With the values of the preset, over seeds 200 to 299, every table balances in each of 100 episodes.
TEST(QLearning, SolvesCartPoleWithItsPreset) {
  const Preset preset = find_preset("q_learning", "CartPole-v0");
  ASSERT_TRUE(preset.found);
  for (const std::uint64_t seed : {0u, 1u}) {
    QLearning::Config config;
    assign_fields(config, preset.agent, "q_learning");
    const auto envs = make_envs("CartPole-v0", 1 + 3 * static_cast<std::size_t>(seed));
    QLearning agent(config, EnvSignature::of(*envs), seed, "cpu");
    agent.begin(preset.settings().total_steps);
    Driver(*envs, agent, 1000 * seed + 17).run(preset.settings().total_steps);
    EXPECT_GE(mean_return(agent, "CartPole-v0", 100, 1000000), 195) << seed;
  }
}

AgentPtr make_small(const EnvSignature& facts) {
  return std::make_unique<QLearning>(
      QLearning::Config{.bins = {3}, .low = {-2.4, -2, -0.2, -2}, .high = {2.4, 2, 0.2, 2}}, facts, 1, "cpu");
}

TEST(QLearning, ResumesExactlyAndShipsItsPolicy) {
  testing::expect_exact_resume(make_small, "CartPole-v0", 1, 1001, 1000);
  testing::expect_exact_resume(make_small, "CartPole-v0", 3, 1500, 1500);

  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = make_small(EnvSignature::of(*envs));
  agent->begin(4000);
  Driver(*envs, *agent, 0).run(4000);
  testing::expect_policy_alone_acts_alike(make_small, *agent, "CartPole-v0");
}

TEST(QLearning, TheTableIsSavedAsStatesTimesActions) {
  Checkpoint checkpoint;
  make_small(EnvSignature::of(*make_envs("CartPole-v0", 1)))->save(checkpoint);
  EXPECT_EQ(checkpoint.array("agent/table").shape().to_string(), "(81, 2)");
}

TEST(QLearning, RefusesSettingsOutOfRangeOtherSpacesAndForeignCheckpoints) {
  testing::register_small_envs();
  const EnvSignature ring = EnvSignature::of(*make_envs("AgentsTest/Ring-v0", 1));
  const EnvSignature pole = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(QLearning({.discount = 1.01}, ring, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(QLearning({.learning_rate = -0.1}, ring, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(QLearning({.exploration = "lin_1_2"}, ring, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(QLearning({.initial_value = std::nan("")}, ring, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(QLearning({}, pole, 0, "cpu"), InvalidArgument);  // velocities are unbounded
  EXPECT_THROW(QLearning({}, EnvSignature::of(*make_envs("AgentsTest/Target-v0", 1)), 0, "cpu"), NotApplicable);

  Checkpoint other;
  QLearning({}, ring, 0, "cpu").save(other);
  const AgentPtr agent = make_small(pole);
  EXPECT_THROW(agent->load(other), CorruptCheckpoint);
  EXPECT_THROW(agent->load_policy(other), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
