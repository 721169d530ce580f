#include "agents/search/ars.h"

#include <gtest/gtest.h>

#include <cmath>

#include "agents/runner/run_config.h"
#include "tests/agents/support/by_hand.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;
using testing::show;
using testing::Then;

// One parameter for each of two states, three directions, the best two of which count; α = 0.1. Returns, set by hand
// whatever the actions: r+ = 1, 5, 2 and r- = 3, 1, 2. In the order of the better of each pair: directions 1 (5), 0
// (3), and 2 (2) is left out. Of 5, 1, 1, 3: mean 2.5, σ_R² = (6.25 + 2.25 + 2.25 + 0.25)/4 = 2.75.
// θ ← 0 + 0.1 / (2 √2.75) [(5 - 1) δ_1 + (1 - 3) δ_0]
TEST(Ars, OneStepByHand) {
  Ars agent({.directions = 3, .top = 2, .learning_rate = 0.1, .normalize = false}, testing::numbered(2, 2), 5, "cpu");
  agent.begin(100);
  ASSERT_EQ(agent.parameters().size(), 2u);
  double expected[2];
  for (std::size_t j = 0; j < 2; ++j) {
    expected[j] = 0.1 / (2 * std::sqrt(2.75)) * (4 * agent.direction(1)[j] - 2 * agent.direction(0)[j]);
  }
  for (const double reward : {1.0, 3.0, 5.0, 1.0, 2.0, 2.0}) {  // r+_0, r-_0, r+_1, …
    EXPECT_EQ(agent.iterations(), 0);
    show(agent, 0, 0, reward, 1, Then::kTerminated);
  }
  EXPECT_EQ(agent.iterations(), 1);
  for (std::size_t j = 0; j < 2; ++j) EXPECT_NEAR(agent.parameters()[j], expected[j], 1e-15);

  // equal returns: no step, and no division by their standard deviation of 0
  for (int k = 0; k < 6; ++k) show(agent, 0, 0, 2, 1, Then::kTruncated);
  EXPECT_EQ(agent.iterations(), 2);
  for (std::size_t j = 0; j < 2; ++j) EXPECT_NEAR(agent.parameters()[j], expected[j], 1e-15);
}

// The offset counts once per step: two steps of reward 1 return 2 (1 - 0.75) = 0.5, one step of reward 1 returns 0.25.
TEST(Ars, TheAliveBonusIsTakenAway) {
  Ars agent({.directions = 1, .learning_rate = 0.1, .normalize = false, .alive_bonus_offset = -0.75},
            testing::numbered(2, 2), 5, "cpu");
  agent.begin(100);
  // r+ = 0.5, r- = 0.25: mean 0.375, σ_R = 0.125; θ ← 0.1/0.125 · 0.25 δ = 0.2 δ
  const double expected = 0.2 * agent.direction(0)[0];
  show(agent, 0, 0, 1, 1);
  show(agent, 0, 0, 1, 1, Then::kTerminated);
  show(agent, 0, 0, 1, 1, Then::kTerminated);
  EXPECT_NEAR(agent.parameters()[0], expected, 1e-15);
  EXPECT_EQ(agent.metrics()["train/mean_return"], 0.375);
}

// What acts is θ ± ν δ, forward first; predict() acts by θ itself. Target's one weight is its action.
TEST(Ars, TriesEveryDirectionForwardAndBackward) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Target-v0", 1);
  Ars agent({.directions = 2, .noise = 0.1, .normalize = false}, EnvSignature::of(*envs), 2, "cpu");
  agent.begin(100);
  Driver driver(*envs, agent, 0);
  for (const std::size_t k : {0u, 1u}) {
    const double delta = agent.direction(k)[0];
    for (const double sign : {1.0, -1.0}) {
      driver.run(1);
      EXPECT_NEAR(driver.last_actions().continuous[0], sign * 0.1 * delta, 1e-7);
    }
  }
  envs::ActionBatch actions;
  agent.predict({std::vector<float>{1}, 1}, true, actions);
  EXPECT_NEAR(actions.continuous[0], agent.parameters()[0], 1e-7);
  EXPECT_NE(agent.parameters()[0], 0);
}

// Observations have mean 0 and standard deviation 1 from the second iteration on, by the observations of the first.
TEST(Ars, NormalisesByWhatWasSeenBeforeTheIteration) {
  const auto envs = make_envs("CartPole-v1", 2);
  Ars agent({.directions = 2}, EnvSignature::of(*envs), 2, "cpu");
  agent.begin(10000);
  Driver driver(*envs, agent, 0);
  while (agent.iterations() == 0) {
    EXPECT_EQ(agent.moments().scaling().mean, std::vector<double>(4, 0.0));
    driver.run(2);
  }
  EXPECT_EQ(agent.moments().scaling().mean, agent.moments().mean());
  EXPECT_EQ(agent.moments().count(), driver.steps());
  driver.run(2);
  EXPECT_NE(agent.moments().scaling().mean, agent.moments().mean());
}

TEST(Ars, FindsTheTargetOnAnyNumberOfEnvironments) {
  testing::register_small_envs();
  for (const std::size_t n : {1u, 3u, 64u}) {
    const auto envs = make_envs("AgentsTest/Target-v0", n);
    Ars agent({.learning_rate = "lin_0.05", .normalize = false}, EnvSignature::of(*envs), 3, "cpu");
    agent.begin(4000);
    Driver(*envs, agent, 0).run(4000);
    EXPECT_NEAR(agent.parameters()[0], 0.3, 0.02) << n;
  }
}

TEST(Ars, SolvesCartPoleWithItsPreset) {
  const Preset preset = find_preset("ars", "CartPole-v1");
  ASSERT_TRUE(preset.found);
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    Ars::Config config;
    assign_fields(config, preset.agent, "ars");
    const auto envs = make_envs("CartPole-v1", static_cast<std::size_t>(preset.settings().n_envs));
    Ars agent(config, EnvSignature::of(*envs), seed, "cpu");
    agent.begin(preset.settings().total_steps);
    Driver(*envs, agent, 100 + seed).run(preset.settings().total_steps);
    EXPECT_GE(mean_return(agent, "CartPole-v1", 50, 1000000), 475) << seed;
  }
}

template <bool kHidden>
AgentPtr small(const EnvSignature& facts) {
  Ars::Config config{.directions = 3, .top = 2, .noise = "lin_0.2_0.1", .episodes = 2};
  if (kHidden) config.policy.hidden = {5, 3};
  return std::make_unique<Ars>(config, facts, 1, "cpu");
}

TEST(Ars, ResumesExactlyAndShipsItsPolicy) {
  for (const auto& make : {small<false>, small<true>}) {
    testing::expect_exact_resume(make, "CartPole-v0", 1, 700, 600);
    testing::expect_exact_resume(make, "CartPole-v0", 3, 1502, 1500);
    testing::expect_exact_resume(make, "Pendulum-v1", 2, 3000, 3000);
    const auto envs = make_envs("CartPole-v0", 2);
    const AgentPtr agent = make(EnvSignature::of(*envs));
    agent->begin(3000);
    Driver(*envs, *agent, 0).run(3000);
    testing::expect_policy_alone_acts_alike(make, *agent, "CartPole-v0");
  }
}

TEST(Ars, RefusesSettingsOutOfRange) {
  const EnvSignature facts = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(Ars({.directions = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({.directions = 2, .top = 3}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({.learning_rate = -1.0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({.noise = 0.0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({.noise = "lin_0.1"}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({.episodes = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Ars({}, EnvSignature::of(*make_envs("FrozenLake-v1", 1)), 0, "cpu"), NotApplicable);
  EXPECT_NO_THROW(Ars({.normalize = false}, EnvSignature::of(*make_envs("FrozenLake-v1", 1)), 0, "cpu"));
}

TEST(Ars, MetricsAreTheOnesItNames) {
  const auto envs = make_envs("CartPole-v0", 1);
  const AgentPtr agent = small<false>(EnvSignature::of(*envs));
  EXPECT_FALSE(agent->metrics().contains("train/mean_return"));
  agent->begin(3000);
  Driver(*envs, *agent, 0).run(3000);
  std::vector<std::string> names;
  for (const auto& [name, value] : agent->metrics()) names.push_back(name);
  EXPECT_EQ(names, agent->metric_names());
}

}  // namespace
}  // namespace ludus::agents
