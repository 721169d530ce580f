#include "agents/deep/reinforce.h"

#include <gtest/gtest.h>

#include "tests/agents/support/policy_gradients.h"
#include "tests/agents/support/resume.h"

namespace ludus::agents {
namespace {

using namespace testing;

Reinforce::Config one_episode_config() {
  auto config = plain_config<Reinforce::Config>();
  config.episodes = 1;
  return config;
}

// An episode of two steps at s = 1, rewards 1 and 4, γ = ½: G = 1 + ½ · 4 = 3 and 4. With V(1) = 1:
//   with the baseline   −½ (2 + 3) log ½,   without   −½ (3 + 4) log ½;   value loss ½ (2² + 3²)
TEST(ReinforceByHand, OneEpisode) {
  for (const bool baseline : {true, false}) {
    auto config = one_episode_config();
    config.baseline = baseline;
    Reinforce agent(config, two_armed_facts(), 0, "cpu");
    set_linear(agent, 1);
    show(agent, {.next = 1, .reward = 1});
    agent.update();
    EXPECT_TRUE(agent.metrics().empty());  // not before the episode is over
    show(agent, {.reward = 4, .terminated = true});
    agent.update();
    const Metrics metrics = agent.metrics();
    EXPECT_NEAR(metrics.at("train/policy_gradient_loss"), (baseline ? 2.5 : 3.5) * std::log(2.0), 1e-5);
    EXPECT_NEAR(metrics.at("train/value_loss"), 6.5, 1e-5);
    EXPECT_EQ(metrics.at("train/n_updates"), 1);
  }
}

// What earned more than expected becomes more probable: Adam's first step is 0.1 against the gradient's sign.
TEST(ReinforceByHand, TheStepIsUpTheReturn) {
  for (const double reward : {1.0, -1.0}) {
    Reinforce agent(one_episode_config(), two_armed_facts(), 0, "cpu");
    set_linear(agent, 0);
    const auto action = static_cast<std::size_t>(show(agent, {.reward = reward, .terminated = true}).discrete[0]);
    agent.update();
    EXPECT_NEAR(array_of(agent, kActorWeight)[action], 0.1 * reward, 1e-5);
    EXPECT_NEAR(array_of(agent, kActorBias)[1 - action], -0.1 * reward, 1e-5);
    EXPECT_NEAR(array_of(agent, kCriticWeight)[0], 0.1 * reward, 1e-5);
  }
}

TEST(ReinforceByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  // V(s) = s: G = 1 + ½ V(2) = 2 if truncated, 1 if terminated; value loss (G − 1)²
  for (const auto& [terminated, truncated, loss] :
       {std::tuple{false, true, 1.0}, {true, false, 0.0}, {true, true, 0.0}}) {
    Reinforce agent(one_episode_config(), two_armed_facts(), 0, "cpu");
    set_linear(agent, 1);
    show(agent, {.terminated = terminated, .truncated = truncated});
    agent.update();
    EXPECT_NEAR(agent.metrics().at("train/value_loss"), loss, 1e-6) << terminated << truncated;
  }
}

// A large weight on the entropy and nothing to earn: the policy becomes more even. Logits (1, −1) at s = 1 have π =
// (0.8808, 0.1192), and the entropy grows as their distance shrinks.
TEST(ReinforceByHand, EntropyIsToBeLarge) {
  auto config = one_episode_config();
  config.entropy_coefficient = 1;
  Reinforce agent(config, two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  replace_arrays(agent, {{kActorWeight, {1, -1}}});
  show(agent, {.reward = 0, .terminated = true});
  agent.update();
  const double p = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(agent.metrics().at("train/entropy_loss"), p * std::log(p) + (1 - p) * std::log(1 - p), 1e-5);
  EXPECT_NEAR(array_of(agent, kActorWeight)[0], 0.9, 1e-5);
  EXPECT_NEAR(array_of(agent, kActorWeight)[1], -0.9, 1e-5);
}

// Adam's first step does not tell of a weight, but the shared loss does: with weights that are halfway from 0 and from
// 1 to 2 after two of four steps it is loss_π + 1 · loss_H + 1.5 · loss_V.
TEST(ReinforceByHand, WeightsOfTheLossFollowSchedules) {
  auto config = one_episode_config();
  config.entropy_coefficient = "lin_0_2";
  config.value_coefficient = "lin_1_2";
  Reinforce agent(config, two_armed_facts(), 0, "cpu");
  agent.begin(4);
  set_linear(agent, 1);
  show(agent, {.reward = 3});
  show(agent, {.reward = 1, .terminated = true});
  agent.update();
  const Metrics figures = agent.metrics();
  EXPECT_GT(figures.at("train/value_loss"), 0.1);
  EXPECT_NEAR(figures.at("train/loss"),
              figures.at("train/policy_gradient_loss") + figures.at("train/entropy_loss") +
                  1.5 * figures.at("train/value_loss"),
              1e-5);
}

TEST(Reinforce, ATimeLimitDoesNotLowerTheValue) {
  Reinforce::Config config;
  config.learning_rate = 0.02;
  EXPECT_NEAR(value_of_endless<Reinforce>(config, 40000), 10, 0.5);
}

TEST(Reinforce, LearnsToBalance) {
  // a random policy earns 22, a constant one 9
  for (const std::uint64_t seed : {0, 1, 2}) {
    Reinforce::Config config;
    config.learning_rate = 5e-3;
    EXPECT_GE(trained_return<Reinforce>(config, "CartPole-v1", 8, 60000, seed), 150) << "seed " << seed;
  }
}

TEST(Reinforce, ResumesExactlyAndShipsItsPolicy) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    Reinforce::Config config;
    config.hidden = {8};
    config.episodes = 5;
    return std::make_unique<Reinforce>(config, facts, 3, "cpu");
  };
  expect_exact_resume(make, "CartPole-v1", 3, 300, 300);  // within episodes
  const auto envs = make_envs("CartPole-v1", 2);
  const AgentPtr agent = make(EnvSignature::of(*envs));
  agent->begin(2000);
  Driver(*envs, *agent, 1).run(2000);
  expect_policy_alone_acts_alike(make, *agent, "CartPole-v1");
}

TEST(Reinforce, SettingsOutOfRangeAreRefused) {
  Reinforce::Config config;
  config.episodes = 0;
  EXPECT_THROW(Reinforce(config, two_armed_facts(), 0, "cpu"), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
