#include "agents/deep/td3.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/agents/support/continuous.h"
#include "tests/agents/support/edit.h"

namespace ludus::agents {
namespace {

using testing::floats_of;
using testing::push_once;

// Q_1(s, a) = 0.2 s + a + 0.1;  Q_2(s, a) = 0.5 s − a;  μ(s) = 0
// Q⁻_1(s, a) = 0.1 s + 0.4 a + 0.2;  Q⁻_2(s, a) = 0.1 s;  μ⁻(s) = tanh(0.54930614) = 0.5
const testing::Numbers kWeights{{"agent/critics/0.mlp.layers.0.weight", {0.2f, 1.0f}},
                                {"agent/critics/0.mlp.layers.0.bias", {0.1f}},
                                {"agent/critics/1.mlp.layers.0.weight", {0.5f, -1.0f}},
                                {"agent/critics/1.mlp.layers.0.bias", {0}},
                                {"agent/actor/mlp.layers.0.weight", {0}},
                                {"agent/actor/mlp.layers.0.bias", {0}},
                                {"agent/critics_target/0.mlp.layers.0.weight", {0.1f, 0.4f}},
                                {"agent/critics_target/0.mlp.layers.0.bias", {0.2f}},
                                {"agent/critics_target/1.mlp.layers.0.weight", {0.1f, 0}},
                                {"agent/critics_target/1.mlp.layers.0.bias", {0}},
                                {"agent/actor_target/mlp.layers.0.weight", {0}},
                                {"agent/actor_target/mlp.layers.0.bias", {0.54930614f}}};

Td3::Config linear_td3_config() {
  Td3::Config config = testing::linear_config<Td3::Config>();
  config.target_noise = 0;
  return config;
}

TEST(Td3ByHand, TheSmallerCriticMakesTheTarget) {
  Td3 agent(linear_td3_config(), testing::push_facts(), 0, "cpu");
  testing::edit(agent, kWeights);
  // min(Q⁻_1, Q⁻_2)(2, 0.5) = min(0.6, 0.2): y = 1 + 0.5 · 0.2 = 1.1
  // δ_1 = 0.55 − 1.1 = −0.55, δ_2 = 0.25 − 1.1 = −0.85:  0.3025 + 0.7225 = 1.025
  const Metrics figures = push_once(agent);
  EXPECT_NEAR(figures.at("train/critic_loss"), 1.025, 1e-6);

  // both errors are negative and so are all gradients: each weight grows by the learning rate
  EXPECT_NEAR(floats_of(agent, "agent/critics/0.mlp.layers.0.weight")[1], 1.1, 1e-5);
  EXPECT_NEAR(floats_of(agent, "agent/critics/1.mlp.layers.0.weight")[1], -0.9, 1e-5);
}

TEST(Td3ByHand, ThePolicyAndTheTargetsWait) {
  Td3 agent(linear_td3_config(), testing::push_facts(), 0, "cpu");
  testing::edit(agent, kWeights);
  EXPECT_FALSE(push_once(agent).contains("train/actor_loss"));
  EXPECT_EQ(floats_of(agent, "agent/actor/mlp.layers.0.bias")[0], 0);
  EXPECT_EQ(floats_of(agent, "agent/critics_target/0.mlp.layers.0.bias")[0], 0.2f);

  // at the second step the policy climbs the first critic, and only it: up, though the second falls with a
  const Metrics figures = push_once(agent);
  ASSERT_TRUE(figures.contains("train/actor_loss"));
  EXPECT_NEAR(floats_of(agent, "agent/actor/mlp.layers.0.bias")[0], 0.1, 1e-5);
  const float online = floats_of(agent, "agent/critics/0.mlp.layers.0.bias")[0];
  EXPECT_NEAR(floats_of(agent, "agent/critics_target/0.mlp.layers.0.bias")[0], 0.75 * 0.2 + 0.25 * online, 1e-6);
  EXPECT_NEAR(floats_of(agent, "agent/actor_target/mlp.layers.0.bias")[0], 0.75 * 0.54930614 + 0.25 * 0.1, 1e-5);
}

TEST(Td3ByHand, TargetNoiseIsClippedTwice) {
  // noise so wide that it is ±c nearly always, with all four critics a: y = 1 + 0.5 clip(μ⁻ ± c, −1, 1)
  // c = 0.25, μ⁻ = 0.5: y = 1.375 or 1.125, δ = 0.25 − y, Σ δ² = 2.53125 or 1.53125
  Td3::Config config = linear_td3_config();
  config.target_noise = 1e6;
  config.target_noise_clip = 0.25;
  const testing::Numbers critics{
      {"agent/critics/0.mlp.layers.0.weight", {0, 1}},        {"agent/critics/0.mlp.layers.0.bias", {0}},
      {"agent/critics/1.mlp.layers.0.weight", {0, 1}},        {"agent/critics/1.mlp.layers.0.bias", {0}},
      {"agent/critics_target/0.mlp.layers.0.weight", {0, 1}}, {"agent/critics_target/0.mlp.layers.0.bias", {0}},
      {"agent/critics_target/1.mlp.layers.0.weight", {0, 1}}, {"agent/critics_target/1.mlp.layers.0.bias", {0}},
      {"agent/actor_target/mlp.layers.0.weight", {0}}};
  const auto loss = [&](std::uint64_t seed, float bias) {
    Td3 agent(config, testing::push_facts(), seed, "cpu");
    testing::Numbers weights = critics;
    weights["agent/actor_target/mlp.layers.0.bias"] = {bias};
    testing::edit(agent, weights);
    return push_once(agent).at("train/critic_loss");
  };
  int high = 0, low = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const double found = loss(seed, 0.54930614f);
    high += std::abs(found - 2.53125) < 1e-4;
    low += std::abs(found - 1.53125) < 1e-4;
    // μ⁻ = tanh(20) = 1: up from there is no action; y = 1.5 or 1.375
    const double at_bound = loss(seed, 20);
    EXPECT_TRUE(std::abs(at_bound - 3.125) < 1e-4 || std::abs(at_bound - 2.53125) < 1e-4) << at_bound;
  }
  EXPECT_EQ(high + low, 20);
  EXPECT_GT(high, 3);
  EXPECT_GT(low, 3);
}

TEST(Td3ByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  const auto loss = [](bool terminated, bool truncated) {
    Td3 agent(linear_td3_config(), testing::push_facts(), 0, "cpu");
    testing::edit(agent, kWeights);
    return push_once(agent, terminated, truncated).at("train/critic_loss");
  };
  // terminated: y = 1;  δ = −0.45 and −0.75:  0.2025 + 0.5625
  EXPECT_NEAR(loss(true, false), 0.765, 1e-6);
  EXPECT_NEAR(loss(false, true), 1.025, 1e-6);
  EXPECT_NEAR(loss(true, true), 0.765, 1e-6);
}

TEST(Td3, SettingsOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    Td3::Config config;
    change(config);
    EXPECT_THROW(Td3(config, testing::push_facts(), 0, "cpu"), InvalidArgument);
  };
  refused([](auto& config) { config.policy_delay = 0; });
  refused([](auto& config) { config.target_noise = -0.1; });
  refused([](auto& config) { config.target_noise_clip = -0.1; });
}

}  // namespace
}  // namespace ludus::agents
