#include "agents/search/hill_climbing.h"

#include <gtest/gtest.h>

#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;

// θ' = θ + σ ε with ε from the generator; no worse: θ ← θ', σ halved; worse: σ doubled.
TEST(HillClimbing, FollowsItsRuleEpisodeByEpisode) {
  testing::register_small_envs();
  const auto envs = make_envs("AgentsTest/Target-v0", 1);
  HillClimbing agent({.episodes = 60, .noise = 0.1, .noise_min = 0.01, .noise_max = 0.5}, EnvSignature::of(*envs), 4,
                     "cpu");
  Driver driver(*envs, agent, 0);

  Generator generator(4);
  double best = 0, best_reward = -1e9, noise = 0.1;
  int halved = 0, doubled = 0;
  for (int episode = 0; episode < 60; ++episode) {
    const double candidate = best + noise * generator.standard_normal();
    const float action = std::clamp(static_cast<float>(candidate), -1.0f, 1.0f);
    const double reward = testing::Target::reward(static_cast<double>(action));
    if (reward >= best_reward) {
      best = candidate, best_reward = reward, noise = std::max(noise / 2, 0.01), ++halved;
    } else {
      noise = std::min(noise * 2, 0.5), ++doubled;
    }
    driver.run(1);
    ASSERT_EQ(agent.parameters(), std::vector<double>{best}) << episode;
    ASSERT_EQ(agent.best_return(), best_reward) << episode;
    ASSERT_EQ(agent.noise(), noise) << episode;
  }
  EXPECT_GE(halved, 3);
  EXPECT_GE(doubled, 10);
  EXPECT_NEAR(best, 0.3, 0.05);
  EXPECT_TRUE(agent.finished());
}

// Measured over seeds 100 to 149: 44 of 50 reach 195; random policies earn 22.
TEST(HillClimbing, ClimbsCartPole) {
  for (const std::uint64_t seed : {0u, 1u}) {
    const auto envs = make_envs("CartPole-v0", 1 + 3 * static_cast<std::size_t>(seed));
    HillClimbing agent({.episodes = 300}, EnvSignature::of(*envs), seed, "cpu");
    Driver driver(*envs, agent, 100 + seed);
    driver.run(500000);
    EXPECT_EQ(agent.tried(), 300);
    EXPECT_GE(mean_return(agent, "CartPole-v0", 100, 1000000), 150) << seed;
  }
}

TEST(HillClimbing, ResumesExactlyAndShipsItsPolicy) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    return std::make_unique<HillClimbing>(HillClimbing::Config{.bias = true}, facts, 1, "cpu");
  };
  testing::expect_exact_resume(make, "CartPole-v0", 1, 501, 700);
  testing::expect_exact_resume(make, "CartPole-v0", 3, 2001, 3000);

  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = make(EnvSignature::of(*envs));
  Driver driver(*envs, *agent, 0);
  driver.run(3000);
  testing::expect_policy_alone_acts_alike(make, *agent, "CartPole-v0");
}

TEST(HillClimbing, RefusesSettingsOutOfRangeAndForeignCheckpoints) {
  const EnvSignature facts = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(HillClimbing({.episodes = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(HillClimbing({.noise = 0.0001}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(HillClimbing({.noise = 3}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(HillClimbing({.noise_min = 0}, facts, 0, "cpu"), InvalidArgument);
  Checkpoint other;
  HillClimbing({}, EnvSignature::of(*make_envs("CartPole-v0", 2)), 0, "cpu").save(other);
  HillClimbing agent({}, facts, 0, "cpu");
  EXPECT_THROW(agent.load(other), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
