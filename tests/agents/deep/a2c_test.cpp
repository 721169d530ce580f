#include "agents/deep/a2c.h"

#include <gtest/gtest.h>

#include "tests/agents/support/policy_gradients.h"
#include "tests/agents/support/resume.h"

namespace ludus::agents {
namespace {

using namespace testing;

A2c::Config one_step_config() {
  auto config = plain_config<A2c::Config>();
  config.n_steps = 1;
  return config;
}

TEST(A2cByHand, OneUpdate) {
  // V(1) = 0, r = 1, terminated: R = A = 1.  π = ½:
  //   policy loss −log ½ = 0.6931, value loss 1, entropy loss −log 2;  L = 0.6931 + ½ · 1
  A2c agent(one_step_config(), two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  const auto action = static_cast<std::size_t>(show(agent, {.reward = 1, .terminated = true}).discrete[0]);
  agent.update();
  const Metrics metrics = agent.metrics();
  EXPECT_NEAR(metrics.at("train/policy_gradient_loss"), std::log(2.0), 1e-6);
  EXPECT_NEAR(metrics.at("train/value_loss"), 1, 1e-6);
  EXPECT_NEAR(metrics.at("train/entropy_loss"), -std::log(2.0), 1e-6);
  EXPECT_NEAR(metrics.at("train/loss"), std::log(2.0) + 0.5, 1e-6);
  EXPECT_EQ(metrics.at("train/n_updates"), 1);

  // dL/dlogit is π − 1 = −½ for the action taken, ½ for the other, dL/dV = −1. RMSprop's first mean square is 0.01 g²,
  // so that its first step is lr g / (0.1 |g|) = 1 against g's sign, less by 1e-5 / 0.05 in a part of 5,000 for ε
  const std::vector<float> weight = array_of(agent, kActorWeight), bias = array_of(agent, kActorBias);
  EXPECT_NEAR(weight[action], 1, 1e-3);
  EXPECT_NEAR(bias[action], 1, 1e-3);
  EXPECT_NEAR(weight[1 - action], -1, 1e-3);
  const std::array<float, 1> one{1};
  EXPECT_NEAR(agent.state_values(one, 1)[0], 2, 1e-3);
}

TEST(A2cByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  // V(s) = s, γ = ½: R = 1 + ½ V(2) = 2 unless terminated, then 1;  A = R − 1 is 1 or 0, and so are the value loss (R −
  // 1)² and, in units of log 2, the policy's loss −A log ½
  for (const auto& [terminated, truncated, loss] :
       {std::tuple{false, false, 1.0}, {false, true, 1.0}, {true, false, 0.0}, {true, true, 0.0}}) {
    A2c agent(one_step_config(), two_armed_facts(), 0, "cpu");
    set_linear(agent, 1);
    show(agent, {.reward = 1, .terminated = terminated, .truncated = truncated});
    agent.update();
    const Metrics metrics = agent.metrics();
    EXPECT_NEAR(metrics.at("train/value_loss"), loss, 1e-6) << terminated << truncated;
    EXPECT_NEAR(metrics.at("train/policy_gradient_loss"), loss * std::log(2.0), 1e-6) << terminated << truncated;
  }

  // the first of two steps ends the episode in a state of value 8; the next episode starts in another one (1, value 1):
  //   truncated:   R_0 = 1 + ½ · 8 = 5,  R_1 = 1 + ½ · 2 = 2;  value loss ((5 − 1)² + (2 − 1)²) / 2 = 8.5
  //   terminated:  R_0 = 1,              R_1 = 2;              value loss (0² + (2 − 1)²) / 2 = 0.5
  for (const bool terminated : {false, true}) {
    auto config = one_step_config();
    config.n_steps = 2;
    A2c agent(config, two_armed_facts(), 0, "cpu");
    set_linear(agent, 1);
    show(agent, {.next = 8, .terminated = terminated, .truncated = !terminated});
    show(agent, {});
    agent.update();
    EXPECT_NEAR(agent.metrics().at("train/value_loss"), terminated ? 0.5 : 8.5, 1e-5);
  }
}

// The gradient of the update, recovered from the weights: Adam with an ε much larger than the gradient takes plain
// steps, θ ← θ − lr g / ε. The loss nearby, from the metrics at slightly moved weights: with λ = 1 and a terminated
// episode R depends on the rewards alone, and so does the policy's loss.
TEST(A2c, GradientsAreThoseOfFiniteDifferences) {
  constexpr double kEpsilon = 1000, kEntropy = 0.3, kValue = 0.7;
  auto config = plain_config<A2c::Config>();
  config.hidden = {3};
  config.n_steps = 3;
  config.optimizer = "adam";
  config.learning_rate = 1;
  config.optimizer_epsilon = kEpsilon;
  config.entropy_coefficient = kEntropy;
  config.value_coefficient = kValue;
  config.orthogonal_init = false;

  Checkpoint before;  // the rollout is full, the update not made
  A2c first(config, two_armed_facts(), 4, "cpu");
  show(first, {.observation = 0.5f, .reward = 2});
  show(first, {.observation = -1.0f, .reward = -1});
  show(first, {.observation = 0.8f, .reward = 3, .terminated = true});
  first.save(before);

  const auto loss_at = [&](const std::string& name, std::size_t i, float shift) {
    A2c agent(config, two_armed_facts(), 4, "cpu");
    agent.load(before);
    std::vector<float> numbers = array_of(agent, name);
    numbers[i] += shift;
    replace_arrays(agent, {{name, numbers}});
    agent.update();
    const Metrics metrics = agent.metrics();
    // the critic's weights are also in the advantages, which are constants to the gradient
    if (name.find("critic") != std::string::npos) return kValue * metrics.at("train/value_loss");
    return metrics.at("train/policy_gradient_loss") + kEntropy * metrics.at("train/entropy_loss");
  };
  A2c updated(config, two_armed_facts(), 4, "cpu");
  updated.load(before);
  updated.update();
  int checked = 0;
  for (const std::string& name : before.names()) {
    if (!name.starts_with("agent/networks/")) continue;
    const std::vector<float> old_numbers = array_of(first, name), new_numbers = array_of(updated, name);
    for (std::size_t i = 0; i < old_numbers.size(); ++i, ++checked) {
      constexpr float kStep = 0.01f;
      const double slope = (loss_at(name, i, kStep) - loss_at(name, i, -kStep)) / (2 * kStep);
      const double followed = static_cast<double>(old_numbers[i] - new_numbers[i]) * kEpsilon;
      EXPECT_NEAR(followed, slope, 0.01 * (0.02 + std::abs(slope))) << name << " " << i;
    }
  }
  EXPECT_EQ(checked, 3 + 3 + 6 + 2 + 3 + 3 + 3 + 1);
}

TEST(A2c, ATimeLimitDoesNotLowerTheValue) {
  A2c::Config config;
  config.learning_rate = 0.01;
  EXPECT_NEAR(value_of_endless<A2c>(config, 20000), 10, 0.5);
}

TEST(A2c, LearnsWhatPaysNow) {
  // 10 of 10 by the sign that is seen; a random policy earns 5
  for (const std::uint64_t seed : {0, 1, 2}) {
    EXPECT_GE(trained_return<A2c>({}, "AgentsTest/Signs-v0", 8, 8000, seed), 9.5) << "seed " << seed;
  }
}

TEST(A2c, LearnsToBalance) {
  // a random policy earns 22, a constant one 9
  for (const std::uint64_t seed : {0, 1, 2}) {
    A2c::Config config;
    config.optimizer = "adam";
    config.learning_rate = "lin_0.005";
    config.n_steps = 16;
    config.gae_lambda = 0.9;
    EXPECT_GE(trained_return<A2c>(config, "CartPole-v1", 8, 40000, seed), 250) << "seed " << seed;
  }
}

TEST(A2c, ResumesExactlyAndShipsItsPolicy) {
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    A2c::Config config;
    config.hidden = {8};
    config.n_steps = 7;
    return std::make_unique<A2c>(config, facts, 3, "cpu");
  };
  expect_exact_resume(make, "CartPole-v1", 3, 300, 300);  // within a rollout
  const auto envs = make_envs("CartPole-v1", 2);
  const AgentPtr agent = make(EnvSignature::of(*envs));
  agent->begin(2000);
  Driver(*envs, *agent, 1).run(2000);
  expect_policy_alone_acts_alike(make, *agent, "CartPole-v1");
}

TEST(A2c, SettingsOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    A2c::Config config;
    change(config);
    EXPECT_THROW(A2c(config, two_armed_facts(), 0, "cpu"), InputError);
  };
  refused([](auto& config) { config.n_steps = 0; });
  refused([](auto& config) { config.gae_lambda = 1.1; });
  refused([](auto& config) { config.optimizer = "sgd"; });
  refused([](auto& config) { config.optimizer_epsilon = 0; });
  refused([](auto& config) { config.learning_rate = -1; });
  refused([](auto& config) { config.discount = 2; });
}

}  // namespace
}  // namespace ludus::agents
