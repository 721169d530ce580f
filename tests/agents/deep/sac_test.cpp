#include "agents/deep/sac.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/agents/support/continuous.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/edit.h"
#include "tests/agents/support/resume.h"

namespace ludus::agents {
namespace {

using testing::floats_of;
using testing::push_once;

// Q_1(s, a) = 0.2 s + a + 0.1;  Q_2(s, a) = 3 + 0.5 s − a, the greater one
// Q⁻_1(s, a) = 0.1 s + 0.4 a + 0.2;  Q⁻_2(s, a) = 0.1 s − a − 3, the smaller one
// π: u ~ N(0.3, exp(−1)²) in every state
testing::Numbers weights() {
  return {{"agent/critics/0.mlp.layers.0.weight", {0.2f, 1.0f}},
          {"agent/critics/0.mlp.layers.0.bias", {0.1f}},
          {"agent/critics/1.mlp.layers.0.weight", {0.5f, -1.0f}},
          {"agent/critics/1.mlp.layers.0.bias", {3}},
          {"agent/critics_target/0.mlp.layers.0.weight", {0.1f, 0.4f}},
          {"agent/critics_target/0.mlp.layers.0.bias", {0.2f}},
          {"agent/critics_target/1.mlp.layers.0.weight", {0.1f, -1}},
          {"agent/critics_target/1.mlp.layers.0.bias", {-3}},
          {"agent/policy/network.mlp.layers.0.weight", {0, 0}},
          {"agent/policy/network.mlp.layers.0.bias", {0.3f, -1}}};
}

constexpr double kMean = 0.3, kLogStd = -1;
constexpr double kAlpha = 0.2;

Sac::Config linear_config() {
  Sac::Config config = testing::linear_config<Sac::Config>();
  config.entropy_coefficient = {.automatic = true, .number = kAlpha};
  return config;
}

struct Drawn {
  double action, log_prob;
};

// a = tanh(u), u = mean + σ ε:  log π(a) = −½ ε² − log σ − ½ log 2π − log(1 − a²)
Drawn squashed(double epsilon) {
  const double action = std::tanh(kMean + std::exp(kLogStd) * epsilon);
  return {action,
          -0.5 * epsilon * epsilon - kLogStd - 0.5 * std::log(2 * std::numbers::pi) - std::log(1 - action * action)};
}

// The two numbers of noise that the next update draws: after the batch, of s and then of s'.
std::array<double, 2> next_noise(const Sac& agent) {
  Generator generator = generator_from_value(testing::saved_state(agent).value("agent/generator"));
  generator.integers(1);
  const float first = generator.standard_normal_float32();
  return {first, generator.standard_normal_float32()};
}

TEST(SacByHand, OneUpdate) {
  Sac agent(linear_config(), testing::push_facts(), 3, "cpu");
  testing::edit(agent, weights());
  const std::array<double, 2> noise = next_noise(agent);
  const Drawn now = squashed(noise[0]), next = squashed(noise[1]);
  const Metrics figures = push_once(agent);

  // y = 1 + 0.5 (min(Q⁻_1, Q⁻_2)(2, ã') − 0.2 log π(ã')), where the second is the smaller
  const double y = 1 + 0.5 * ((0.2 - next.action - 3) - kAlpha * next.log_prob);
  const double error_1 = 0.55 - y, error_2 = 3.25 - y;
  EXPECT_NEAR(figures.at("train/critic_loss"), 0.5 * (error_1 * error_1 + error_2 * error_2), 1e-5);
  // Adam's first step goes against the sign of each error by the learning rate, for s, a and 1 are above 0
  const double step_1 = error_1 > 0 ? -0.1 : 0.1;
  EXPECT_NEAR(floats_of(agent, "agent/critics/0.mlp.layers.0.weight")[1], 1 + step_1, 1e-5);

  // the policy is evaluated by the smaller critic, the first, after its update: α log π − Q_1(1, ã)
  const double value = (0.2 + step_1) + (1 + step_1) * now.action + (0.1 + step_1);
  EXPECT_NEAR(figures.at("train/actor_loss"), kAlpha * now.log_prob - value, 1e-5);
  // d/du of −α log(1 − tanh²(u)) − w_a tanh(u) is 2 α ã − w_a (1 − ã²); the rest of log π does not depend on the mean
  const double slope = 2 * kAlpha * now.action - (1 + step_1) * (1 - now.action * now.action);
  EXPECT_NEAR(floats_of(agent, "agent/policy/network.mlp.layers.0.bias")[0], kMean - (slope > 0 ? 0.1 : -0.1), 1e-5);

  // J_α = −log α (log π + H̄), H̄ = −1:  the gradient by log α is −(log π − 1)
  EXPECT_NEAR(figures.at("train/ent_coef"), kAlpha, 1e-6);
  EXPECT_NEAR(figures.at("train/ent_coef_loss"), -std::log(kAlpha) * (now.log_prob - 1), 1e-5);
  const double up = now.log_prob - 1 > 0 ? 0.1 : -0.1;
  EXPECT_NEAR(agent.entropy_coefficient(), kAlpha * std::exp(up), 1e-5);

  EXPECT_NEAR(floats_of(agent, "agent/critics_target/0.mlp.layers.0.weight")[1], 0.75 * 0.4 + 0.25 * (1 + step_1),
              1e-5);
}

TEST(SacByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  for (const auto& [terminated, truncated] : {std::pair{true, false}, {false, true}, {true, true}}) {
    Sac agent(linear_config(), testing::push_facts(), 3, "cpu");
    testing::edit(agent, weights());
    const Drawn next = squashed(next_noise(agent)[1]);
    // after a termination there is no value and no entropy
    const double y = terminated ? 1.0 : 1 + 0.5 * ((0.2 - next.action - 3) - kAlpha * next.log_prob);
    EXPECT_NEAR(push_once(agent, terminated, truncated).at("train/critic_loss"),
                0.5 * ((0.55 - y) * (0.55 - y) + (3.25 - y) * (3.25 - y)), 1e-5);
  }
}

TEST(Sac, AFixedTemperatureStays) {
  Sac::Config config = linear_config();
  config.entropy_coefficient = {.automatic = false, .number = 0.05};
  Sac agent(config, testing::push_facts(), 3, "cpu");
  const Metrics figures = push_once(agent);
  EXPECT_NEAR(agent.entropy_coefficient(), 0.05, 1e-7);
  EXPECT_FALSE(figures.contains("train/ent_coef_loss"));
  EXPECT_NEAR(figures.at("train/ent_coef"), 0.05, 1e-7);

  config.entropy_coefficient = {.automatic = false, .number = 0.0};  // plain actor-critic
  Sac without(config, testing::push_facts(), 3, "cpu");
  push_once(without);
  EXPECT_EQ(without.entropy_coefficient(), 0);
}

TEST(Sac, TemperatureAndTargetEntropyFollowSchedules) {
  Sac::Config config = linear_config();
  config.entropy_coefficient = {.automatic = false, .number = "lin_0.2_0.1"};
  config.target_entropy = {.automatic = false, .number = "lin_-1_-2"};
  Sac agent(config, testing::push_facts(), 3, "cpu");
  agent.begin(4);
  EXPECT_DOUBLE_EQ(agent.entropy_coefficient(), 0.2);
  const Metrics figures = push_once(agent);  // one step of four
  EXPECT_DOUBLE_EQ(figures.at("train/ent_coef"), 0.175);
  EXPECT_DOUBLE_EQ(agent.target_entropy(), -1.25);

  config.entropy_coefficient.number = "lin_0.2_-0.1";
  EXPECT_THROW(Sac(config, testing::push_facts(), 3, "cpu"), InvalidArgument);
}

TEST(Sac, TargetEntropyIsMinusTheActionsSizeUnlessGiven) {
  EnvSignature facts = testing::push_facts();
  facts.action_space = std::make_shared<envs::Box>(-1.0, 1.0, Shape{6});
  facts.action_size = 6;
  Sac::Config config;
  EXPECT_EQ(Sac(config, facts, 0, "cpu").target_entropy(), -6);
  EXPECT_EQ(Sac(config, facts, 0, "cpu").entropy_coefficient(), 1);  // "auto" begins at 1
  config.target_entropy = {.automatic = false, .number = 0.5};
  EXPECT_EQ(Sac(config, facts, 0, "cpu").target_entropy(), 0.5);
}

TEST(Sac, TargetsFollowAtTheirInterval) {
  Sac::Config config = linear_config();
  config.target_update_interval = 3;
  Sac agent(config, testing::push_facts(), 3, "cpu");
  testing::edit(agent, weights());
  const auto target = [&] { return floats_of(agent, "agent/critics_target/0.mlp.layers.0.bias")[0]; };
  push_once(agent);
  push_once(agent);
  EXPECT_EQ(target(), 0.2f);
  push_once(agent);
  EXPECT_NEAR(target(), 0.75 * 0.2 + 0.25 * floats_of(agent, "agent/critics/0.mlp.layers.0.bias")[0], 1e-6);
}

TEST(Sac, PredictsItsModeOrDraws) {
  Sac agent(linear_config(), testing::push_facts(), 3, "cpu");
  testing::edit(agent, weights());
  const std::vector<float> observations(20000, 1);
  envs::ActionBatch mode, drawn, again;
  agent.predict({observations, observations.size()}, true, mode);
  for (const float action : mode.continuous) ASSERT_NEAR(action, 2 * std::tanh(kMean), 1e-6);

  agent.seed(5);
  agent.predict({observations, observations.size()}, false, drawn);
  agent.seed(5);
  agent.predict({observations, observations.size()}, false, again);
  EXPECT_EQ(drawn.continuous, again.continuous);
  double sum = 0, squares = 0;
  for (const float action : drawn.continuous) {
    const double u = std::atanh(static_cast<double>(action) / 2);
    sum += u;
    squares += u * u;
  }
  const double mean = sum / 20000, deviation = std::sqrt(squares / 20000 - mean * mean);
  EXPECT_NEAR(mean, kMean, 0.01);  // σ/√n is 0.0026
  EXPECT_NEAR(deviation, std::exp(kLogStd), 0.01);
}

// ---- state-dependent exploration -------------------------------------------------------------------------------

Sac::Config smooth_config() {
  Sac::Config config;
  config.hidden = {8};
  config.use_sde = true;
  config.log_std_init = 0;
  config.learning_starts = 0;
  config.batch_size = 4;
  config.buffer_size = 100;
  return config;
}

TEST(SacSmooth, EqualStatesGetEqualNoiseUntilItIsDrawnAnew) {
  Sac::Config config = smooth_config();
  config.train_freq = 6;
  config.sde_sample_freq = 4;
  EnvSignature facts = testing::push_facts();
  facts.num_envs = 2;
  Sac agent(config, facts, 1, "cpu");
  std::vector<std::vector<float>> seen;
  const std::array<float, 2> observations{1, 1};
  const std::array<double, 2> rewards{};
  const std::array<std::uint8_t, 2> never{};
  for (int step = 0; step < 8; ++step) {
    envs::ActionBatch actions;
    agent.act({observations, 2}, actions);
    seen.push_back(actions.continuous);
    agent.observe({.observations = observations,
                   .actions = &actions,
                   .rewards = rewards,
                   .next_observations = observations,
                   .terminated = never,
                   .truncated = never});  // no update(): the networks stay
  }
  EXPECT_NE(seen[0][0], seen[0][1]);  // each environment has a separate matrix
  // sampled at steps 0 and 4, and at 6, where a round of learning ends
  for (const int step : {1, 2, 3}) EXPECT_EQ(seen[static_cast<std::size_t>(step)], seen[0]) << step;
  EXPECT_NE(seen[4], seen[3]);
  EXPECT_EQ(seen[5], seen[4]);
  EXPECT_NE(seen[6], seen[5]);
  EXPECT_EQ(seen[7], seen[6]);
}

TEST(SacSmooth, WarmsUpAtRandomUnlessAsked) {
  for (const bool at_warmup : {false, true}) {
    Sac::Config config = smooth_config();
    config.learning_starts = 100;
    config.train_freq = 50;
    config.use_sde_at_warmup = at_warmup;
    Sac agent(config, testing::push_facts(), 1, "cpu");
    envs::ActionBatch first, second;
    agent.act({std::array<float, 1>{1}, 1}, first);
    push_once(agent);
    agent.act({std::array<float, 1>{1}, 1}, second);
    EXPECT_EQ(first.continuous == second.continuous, at_warmup);
  }
}

TEST(SacSmooth, ResumesExactly) {
  testing::register_continuous_envs();
  const auto make = [](const EnvSignature& facts) -> AgentPtr {
    Sac::Config config = smooth_config();
    config.train_freq = 16;
    config.gradient_steps = 2;
    config.sde_sample_freq = 5;
    config.learning_starts = 20;
    return std::make_unique<Sac>(config, facts, 4, "cpu");
  };
  for (const std::int64_t first : {0, 10, 85}) testing::expect_exact_resume(make, "AgentsTest/Sledge-v0", 1, first, 60);
  testing::expect_exact_resume(make, "AgentsTest/Sledge-v0", 3, 99, 99);
}

TEST(Sac, SettingsOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    Sac::Config config;
    change(config);
    EXPECT_THROW(Sac(config, testing::push_facts(), 0, "cpu"), InvalidArgument);
  };
  refused([](auto& config) { config.entropy_coefficient = {.automatic = false, .number = -0.1}; });
  refused([](auto& config) { config.entropy_coefficient = {.automatic = true, .number = 0.0}; });
  refused([](auto& config) { config.target_entropy = {.automatic = true, .number = 0.1}; });
  refused([](auto& config) { config.target_update_interval = 0; });
  refused([](auto& config) { config.sde_sample_freq = 0; });
  refused([](auto& config) { config.log_std_init = NAN; });
  refused([](auto& config) {
    config.use_sde = true;
    config.hidden = {};
  });
}

}  // namespace
}  // namespace ludus::agents
