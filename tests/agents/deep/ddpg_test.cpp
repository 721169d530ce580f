#include "agents/deep/ddpg.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/agents/support/continuous.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/edit.h"

namespace ludus::agents {
namespace {

using testing::floats_of;
using testing::push_once;

// Q(s, a) = 0.2 s + a + 0.1;  μ(s) = 0;  Q⁻(s, a) = 0.1 s + 0.4 a + 0.2;  μ⁻(s) = tanh(0.54930614) = 0.5
const testing::Numbers kWeights{{"agent/critics/0.mlp.layers.0.weight", {0.2f, 1.0f}},
                                {"agent/critics/0.mlp.layers.0.bias", {0.1f}},
                                {"agent/actor/mlp.layers.0.weight", {0}},
                                {"agent/actor/mlp.layers.0.bias", {0}},
                                {"agent/critics_target/0.mlp.layers.0.weight", {0.1f, 0.4f}},
                                {"agent/critics_target/0.mlp.layers.0.bias", {0.2f}},
                                {"agent/actor_target/mlp.layers.0.weight", {0}},
                                {"agent/actor_target/mlp.layers.0.bias", {0.54930614f}}};

Ddpg linear_agent() {
  return {testing::linear_config<Ddpg::Config>(), testing::push_facts(), 0, "cpu"};
}

TEST(DdpgByHand, OneUpdate) {
  Ddpg agent = linear_agent();
  testing::edit(agent, kWeights);
  const Metrics figures = push_once(agent);

  // y = 1 + 0.5 Q⁻(2, μ⁻(2)) = 1 + 0.5 (0.2 + 0.2 + 0.2) = 1.3;  δ = Q(1, 0.25) − y = 0.55 − 1.3 = −0.75;  δ² = 0.5625
  EXPECT_NEAR(figures.at("train/critic_loss"), 0.5625, 1e-6);

  // the critic's gradient 2 δ (s, a, 1) is below 0 in every number: Adam's first step adds the learning rate to each
  const auto critic = floats_of(agent, "agent/critics/0.mlp.layers.0.weight");
  EXPECT_NEAR(critic[0], 0.3, 1e-5);
  EXPECT_NEAR(critic[1], 1.1, 1e-5);
  EXPECT_NEAR(floats_of(agent, "agent/critics/0.mlp.layers.0.bias")[0], 0.2, 1e-5);

  // the policy is evaluated by the updated critic: −Q(1, μ(1)) = −(0.3 + 0 + 0.2)
  EXPECT_NEAR(figures.at("train/actor_loss"), -0.5, 1e-5);
  // its gradient −1.1 (1 − tanh²(0)) (s, 1) is below 0: both weights grow by the learning rate
  EXPECT_NEAR(floats_of(agent, "agent/actor/mlp.layers.0.weight")[0], 0.1, 1e-5);
  EXPECT_NEAR(floats_of(agent, "agent/actor/mlp.layers.0.bias")[0], 0.1, 1e-5);

  // the targets go a quarter of the way: 0.75 · 0.1 + 0.25 · 0.3, …
  const auto target = floats_of(agent, "agent/critics_target/0.mlp.layers.0.weight");
  EXPECT_NEAR(target[0], 0.15, 1e-5);
  EXPECT_NEAR(target[1], 0.575, 1e-5);
  EXPECT_NEAR(floats_of(agent, "agent/actor_target/mlp.layers.0.weight")[0], 0.025, 1e-5);
  EXPECT_NEAR(floats_of(agent, "agent/actor_target/mlp.layers.0.bias")[0], 0.75 * 0.54930614 + 0.025, 1e-5);
}

TEST(DdpgByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  const auto loss = [](bool terminated, bool truncated) {
    Ddpg agent = linear_agent();
    testing::edit(agent, kWeights);
    return push_once(agent, terminated, truncated).at("train/critic_loss");
  };
  // terminated: y = 1, δ = −0.45, δ² = 0.2025. Truncated: as if the episode continued. Both: terminated
  EXPECT_NEAR(loss(true, false), 0.2025, 1e-6);
  EXPECT_NEAR(loss(false, true), 0.5625, 1e-6);
  EXPECT_NEAR(loss(true, true), 0.2025, 1e-6);
}

TEST(Ddpg, ItsPolicyIsAFunction) {
  Ddpg agent = linear_agent();
  testing::edit(agent, kWeights);
  // μ(s) = tanh(0) = 0 is the middle of [-2, 2], and a third of the way up tanh(0.34657359) = 1/3 is 2/3
  envs::ActionBatch first, second;
  agent.predict({std::array<float, 2>{1, 2}, 2}, true, first);
  EXPECT_EQ(first.continuous, (std::vector<float>{0, 0}));
  testing::edit(agent, {{"agent/actor/mlp.layers.0.bias", {0.34657359f}}});
  agent.predict({std::array<float, 2>{1, 2}, 2}, false, first);
  agent.predict({std::array<float, 2>{1, 2}, 2}, false, second);
  EXPECT_NEAR(first.continuous[0], 2.0 / 3, 1e-6);
  EXPECT_EQ(first.continuous, second.continuous);
}

TEST(Ddpg, ItsNoiseBeginsAnewWithEveryEpisode) {
  // episodes of 10 steps, truncated by a time limit, two in parallel
  testing::register_continuous_envs();
  const auto envs = testing::make_envs("AgentsTest/Sledge-v0", 2);
  Ddpg::Config config;
  config.hidden = {4};
  config.learning_starts = 0;
  config.batch_size = 2;
  config.noise.kind = ActionNoise::Kind::kOrnsteinUhlenbeck;
  Ddpg agent(config, EnvSignature::of(*envs), 0, "cpu");
  testing::Driver driver(*envs, agent, 0);
  const auto noise = [&] {
    const Array process = testing::saved_state(agent).array("agent/noise/process");
    return std::vector<double>(process.data<double>().begin(), process.data<double>().end());
  };
  driver.run(2 * 9);
  for (const double number : noise()) EXPECT_NE(number, 0);
  driver.run(2);
  EXPECT_EQ(noise(), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace ludus::agents
