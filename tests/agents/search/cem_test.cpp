#include "agents/search/cem.h"

#include <gtest/gtest.h>

#include <cmath>

#include "agents/runner/run_config.h"
#include "tests/agents/support/resume.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents {
namespace {

using testing::Driver;
using testing::make_envs;
using testing::mean_return;

// Target's one parameter is its action, and the nearer to 0.3 the better. Ten candidates of N(0, 1) are drawn; the
// three nearest make the next mean and, with the noise 0.5, the next variance; the next ten are drawn from that. In the
// second fit the noise is 0.5 - 0.2.
TEST(Cem, TwoGenerationsByHand) {
  testing::register_small_envs();
  Generator generator(7);
  double mean = 0, variance = 1;
  const auto fit = [&](double noise) {
    std::vector<double> drawn;
    for (int i = 0; i < 10; ++i) drawn.push_back(mean + std::sqrt(variance) * generator.standard_normal());
    std::sort(drawn.begin(), drawn.end(), [](double a, double b) {
      const auto score = [](double x) { return testing::Target::reward(std::clamp(x, -1.0, 1.0)); };
      return score(a) > score(b);
    });
    mean = (drawn[0] + drawn[1] + drawn[2]) / 3;
    variance = noise;
    for (int i = 0; i < 3; ++i)
      variance += (drawn[static_cast<std::size_t>(i)] - mean) * (drawn[static_cast<std::size_t>(i)] - mean) / 3;
  };
  const auto envs = make_envs("AgentsTest/Target-v0", 1);
  Cem agent({.population = 10, .elite_fraction = 0.3, .initial_std = 1, .noise = 0.5, .noise_decay = 0.2},
            EnvSignature::of(*envs), 7, "cpu");
  EXPECT_EQ(agent.elites(), 3u);
  agent.begin(20);
  Driver driver(*envs, agent, 0);
  for (const double noise : {0.5, 0.3}) {
    fit(noise);
    driver.run(10);
    EXPECT_NEAR(agent.mean()[0], mean, 1e-12);
    EXPECT_NEAR(agent.variance()[0], variance, 1e-12);
  }
  EXPECT_EQ(agent.generations(), 2);
}

TEST(Cem, FindsTheTargetOnAnyNumberOfEnvironments) {
  testing::register_small_envs();
  for (const std::size_t n : {1u, 3u, 64u}) {
    const auto envs = make_envs("AgentsTest/Target-v0", n);
    Cem agent({.population = 50, .initial_std = 1, .noise = 0.1, .noise_decay = 0.02}, EnvSignature::of(*envs), 3,
              "cpu");
    agent.begin(3000);
    Driver(*envs, agent, 0).run(3000);
    EXPECT_NEAR(agent.mean()[0], 0.3, 1e-3) << n;
    EXPECT_LT(agent.variance()[0], 1e-4) << n;
  }
}

TEST(Cem, SolvesCartPoleWithItsPreset) {
  const Preset preset = find_preset("cem", "CartPole-v1");
  ASSERT_TRUE(preset.found);
  for (const std::uint64_t seed : {0u, 1u, 2u}) {
    Cem::Config config;
    assign_fields(config, preset.agent, "cem");
    const auto envs = make_envs("CartPole-v1", static_cast<std::size_t>(preset.settings().n_envs));
    Cem agent(config, EnvSignature::of(*envs), seed, "cpu");
    agent.begin(preset.settings().total_steps);
    Driver(*envs, agent, 100 + seed).run(preset.settings().total_steps);
    EXPECT_GE(mean_return(agent, "CartPole-v1", 50, 1000000), 475) << seed;
  }
}

AgentPtr small_cem(const EnvSignature& facts) {
  return std::make_unique<Cem>(
      Cem::Config{.population = 6, .elite_fraction = 0.4, .episodes = 2, .policy = {.bias = true}}, facts, 1, "cpu");
}

TEST(Cem, ResumesExactlyAndShipsItsPolicy) {
  testing::expect_exact_resume(small_cem, "CartPole-v0", 1, 700, 600);
  testing::expect_exact_resume(small_cem, "CartPole-v0", 3, 1502, 1500);
  const auto envs = make_envs("CartPole-v0", 2);
  const AgentPtr agent = small_cem(EnvSignature::of(*envs));
  Driver(*envs, *agent, 0).run(3000);
  testing::expect_policy_alone_acts_alike(small_cem, *agent, "CartPole-v0");
}

TEST(Cem, RefusesSettingsOutOfRange) {
  const EnvSignature facts = EnvSignature::of(*make_envs("CartPole-v0", 1));
  EXPECT_THROW(Cem({.population = 1}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.elite_fraction = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.elite_fraction = 1.5}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.initial_std = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.noise = -1}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.episodes = 0}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({.policy = {.hidden = {0}}}, facts, 0, "cpu"), InvalidArgument);
  EXPECT_THROW(Cem({}, EnvSignature::of(*make_envs("Blackjack-v1", 1)), 0, "cpu"), NotApplicable);
}

TEST(Cem, MetricsAreTheOnesItNames) {
  const auto envs = make_envs("CartPole-v0", 1);
  const AgentPtr agent = small_cem(EnvSignature::of(*envs));
  EXPECT_FALSE(agent->metrics().contains("train/mean_return"));
  Driver(*envs, *agent, 0).run(2000);
  std::vector<std::string> names;
  for (const auto& [name, value] : agent->metrics()) names.push_back(name);
  EXPECT_EQ(names, agent->metric_names());
}

}  // namespace
}  // namespace ludus::agents
