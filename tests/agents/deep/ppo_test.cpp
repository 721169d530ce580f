#include "agents/deep/ppo.h"

#include <gtest/gtest.h>

#include "agents/deep/a2c.h"
#include "tests/agents/support/policy_gradients.h"
#include "tests/agents/support/resume.h"

namespace ludus::agents {
namespace {

using namespace testing;

Ppo::Config by_hand_config() {
  auto config = plain_config<Ppo::Config>();
  config.n_steps = 1;
  config.batch_size = 2;
  config.n_epochs = 2;
  config.clip_range = 0.1;
  config.adam_epsilon = 1e-8;
  return config;
}

// The first step on the uniform policy and V = 0 at s = 1 after an action earned 1 and the task terminated: Adam
// moves each weight and bias by 0.1, so the logits are ±0.2, and V = 0.2. Then
//   π = 1 / (1 + e^{−0.4}) = 0.598688,  ρ = π / ½ = 1.197375,  log ρ = 0.180132
constexpr double kRatio = 1.197375, kLogRatio = 0.180132;

TEST(PpoByHand, TheSecondStepIsClipped) {
  Ppo agent(by_hand_config(), two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  const auto action = static_cast<std::size_t>(show(agent, {.reward = 1, .terminated = true}).discrete[0]);
  agent.update();
  const Metrics metrics = agent.metrics();

  // surrogates 1 and min(ρ, 1.1) = 1.1; value losses 1 and (1 − 0.2)²
  EXPECT_NEAR(metrics.at("train/policy_gradient_loss"), -(1 + 1.1) / 2, 1e-5);
  EXPECT_NEAR(metrics.at("train/value_loss"), (1 + 0.64) / 2, 1e-5);
  EXPECT_NEAR(metrics.at("train/approx_kl"), (kRatio - 1 - kLogRatio) / 2, 1e-5);
  EXPECT_EQ(metrics.at("train/clip_fraction"), 0.5);
  EXPECT_EQ(metrics.at("train/clip_range"), 0.1);
  EXPECT_EQ(metrics.at("train/n_updates"), 2);  // passes over the rollout
  const double p = kRatio / 2;
  EXPECT_NEAR(metrics.at("train/entropy_loss"), (-std::log(2) + p * std::log(p) + (1 - p) * std::log(1 - p)) / 2, 1e-5);

  // clipped, the second gradient is 0, and Adam continues by its momentum alone:
  //   m̂ = 0.9 · 0.1 g / 0.19,  v̂ = 0.999 · 0.001 g² / 0.001999:  a step of 0.1 · 0.473684 / 0.706930 = 0.067006
  EXPECT_NEAR(array_of(agent, kActorWeight)[action], 0.1 + 0.067006, 1e-5);
  EXPECT_NEAR(array_of(agent, kActorBias)[1 - action], -0.1 - 0.067006, 1e-5);
}

// An action that lost: A = −1. Its ratio falls to 2 (1 − 0.598688) = 0.802625; min(ρ A, 0.9 A) = −0.9 is the clipped
// one.
TEST(PpoByHand, LossesAreClippedOnTheOtherSide) {
  Ppo agent(by_hand_config(), two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  show(agent, {.reward = -1, .terminated = true});
  agent.update();
  EXPECT_NEAR(agent.metrics().at("train/policy_gradient_loss"), (1 + 0.9) / 2, 1e-5);
}

// Both actions were taken once and earned 1 and 3. The first step takes action 1 to ρ = 1.197375 and action 0, although
// its advantage is positive, to ρ = 0.802625. There the bound must not be clipped, since moving back would earn:
//   L = −½ [min(0.802625, 0.9) · 1 + min(1.197375, 1.1) · 3] = −2.051313, after −½ (1 + 3) = −2
TEST(PpoByHand, TheBoundIsTheLowerOfTheTwo) {
  auto config = by_hand_config();
  config.n_steps = 2;
  Ppo agent(config, two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  show(agent, {.terminated = true});
  show(agent, {.terminated = true});
  replace_arrays(agent, {{"agent/rollout/actions", {0, 1}}, {"agent/rollout/rewards", {1, 3}}});
  agent.update();
  EXPECT_NEAR(agent.metrics().at("train/policy_gradient_loss"), -(2 + 2.051313) / 2, 1e-5);
}

TEST(PpoByHand, ValuesAreClippedAroundTheOldOnes) {
  // V moves from 0 to 0.2, and counts as 0.1: losses 1 and (1 − 0.1)²
  auto config = by_hand_config();
  config.clip_range_vf = 0.1;
  Ppo agent(config, two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  show(agent, {.reward = 1, .terminated = true});
  agent.update();
  const Metrics metrics = agent.metrics();
  EXPECT_NEAR(metrics.at("train/value_loss"), (1 + 0.81) / 2, 1e-5);
  EXPECT_EQ(metrics.at("train/clip_range_vf"), 0.1);
}

TEST(PpoByHand, AnUpdateEndsWhereThePolicyIsFar) {
  // after the first step KL ≈ 0.017243: above 1.5 · 0.01, so the second is not taken; below 1.5 · 0.012
  for (const auto& [target, steps] : {std::pair{0.01, 1}, {0.012, 2}}) {
    auto config = by_hand_config();
    config.target_kl = target;
    Ppo agent(config, two_armed_facts(), 0, "cpu");
    set_linear(agent, 0);
    const auto action = static_cast<std::size_t>(show(agent, {.reward = 1, .terminated = true}).discrete[0]);
    agent.update();
    EXPECT_NEAR(array_of(agent, kActorWeight)[action], steps == 1 ? 0.1 : 0.167006, 1e-5);
  }
}

TEST(PpoByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  // V(s) = s, γ = ½: R = 1 + ½ V(2) = 2 unless terminated, then 1; the first value loss is (R − 1)²
  auto config = by_hand_config();
  config.n_epochs = 1;
  for (const auto& [terminated, truncated, loss] :
       {std::tuple{false, false, 1.0}, {false, true, 1.0}, {true, false, 0.0}, {true, true, 0.0}}) {
    Ppo agent(config, two_armed_facts(), 0, "cpu");
    set_linear(agent, 1);
    show(agent, {.terminated = terminated, .truncated = truncated});
    agent.update();
    EXPECT_NEAR(agent.metrics().at("train/value_loss"), loss, 1e-6) << terminated << truncated;
  }
}

// Advantages 1 and 3 become ∓1/√2: their standard deviation is √2. The mean of the surrogates is then 0, not 2.
TEST(PpoByHand, AdvantagesAreNormalisedInTheMinibatch) {
  auto config = by_hand_config();
  config.n_steps = 2;
  config.n_epochs = 1;
  config.normalize_advantages = true;
  config.adam_epsilon = 1000;
  config.learning_rate = 1;
  Ppo agent(config, two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  show(agent, {.terminated = true});
  show(agent, {.terminated = true});
  replace_arrays(agent, {{"agent/rollout/actions", {0, 1}}, {"agent/rollout/rewards", {1, 3}}});
  agent.update();
  EXPECT_NEAR(agent.metrics().at("train/policy_gradient_loss"), 0, 1e-6);
  // −½ Σ A (1[a] − ½) = −½ (∓½ · 1/√2 ∓ ½ · 1/√2) = ∓ 1 / (2 √2); with an ε that dwarfs it, Adam's step is g / 1000
  EXPECT_NEAR(array_of(agent, kActorWeight)[1] * 1000, 1 / (2 * std::sqrt(2.0)), 1e-3);
}

// The first step of PPO is A2C's: at ρ = 1 the gradient of the surrogate is that of A log π. The two agree to float
// precision; A2C's gradient is verified by its test.
TEST(Ppo, TheFirstStepIsA2cs) {
  auto ppo_config = plain_config<Ppo::Config>();
  auto a2c_config = plain_config<A2c::Config>();
  ppo_config.n_steps = a2c_config.n_steps = 8;
  ppo_config.batch_size = 8;
  ppo_config.n_epochs = 1;
  ppo_config.gae_lambda = a2c_config.gae_lambda = 0.9;
  ppo_config.adam_epsilon = a2c_config.optimizer_epsilon = 1;
  ppo_config.entropy_coefficient = a2c_config.entropy_coefficient = 0.1;
  ppo_config.hidden = a2c_config.hidden = {4};
  ppo_config.normalize_advantages = a2c_config.normalize_advantages = true;
  a2c_config.optimizer = "adam";
  Ppo ppo(ppo_config, two_armed_facts(), 2, "cpu");
  A2c a2c(a2c_config, two_armed_facts(), 2, "cpu");
  for (Agent* agent : {static_cast<Agent*>(&ppo), static_cast<Agent*>(&a2c)}) {
    for (int t = 0; t < 8; ++t) {
      show(*agent, {.observation = static_cast<float>(t % 3 - 1),
                    .next = static_cast<float>((t + 1) % 3 - 1),
                    .reward = t % 4 - 1.0,
                    .terminated = t == 2,
                    .truncated = t == 5});
    }
    agent->update();
  }
  Checkpoint by_ppo, by_a2c;
  ppo.save_policy(by_ppo);
  a2c.save_policy(by_a2c);
  for (const std::string& name : by_ppo.names()) {
    const auto a = by_ppo.array(name).data<float>(), b = by_a2c.array(name).data<float>();
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6) << name << " " << i;
  }
}

// A whole update at a schedule's end changes nothing; one in its middle goes half as far.
TEST(Ppo, SchedulesFollowTheTraining) {
  auto config = by_hand_config();
  config.n_epochs = 1;
  config.learning_rate = "lin_0.1";
  config.clip_range = "lin_0.4_0.2";
  Ppo agent(config, two_armed_facts(), 0, "cpu");
  set_linear(agent, 0);
  agent.begin(2);
  show(agent, {.terminated = true});
  agent.update();
  Metrics metrics = agent.metrics();
  EXPECT_NEAR(metrics.at("train/learning_rate"), 0.05, 1e-12);
  EXPECT_NEAR(metrics.at("train/clip_range"), 0.3, 1e-12);
  const std::vector<float> before = array_of(agent, kActorWeight);
  show(agent, {.terminated = true});
  agent.update();
  EXPECT_EQ(array_of(agent, kActorWeight), before);
  EXPECT_EQ(agent.metrics().at("train/learning_rate"), 0);
  EXPECT_TRUE(agent.metrics().empty());  // returned only once
}

TEST(Ppo, ATimeLimitDoesNotLowerTheValue) {
  Ppo::Config config;
  config.n_steps = 16;
  config.learning_rate = 0.02;
  EXPECT_NEAR(value_of_endless<Ppo>(config, 12000), 10, 0.5);
}

Ppo::Config small_config() {
  Ppo::Config config;
  config.n_steps = 32;
  config.batch_size = 256;
  config.gae_lambda = 0.8;
  config.discount = 0.98;
  config.learning_rate = "lin_0.003";
  config.clip_range = "lin_0.2";
  return config;
}

TEST(Ppo, LearnsToBalance) {
  // A random policy earns 22, a constant one 9. The mean of five seeds, because single ones vary after so short a
  // training: from 159 to 500. OpenBLAS rounds differently on other CPUs: 401 with one kernel, 389 with another.
  double sum = 0;
  for (const std::uint64_t seed : {0, 1, 2, 3, 4}) {
    sum += trained_return<Ppo>(small_config(), "CartPole-v1", 8, 20000, seed);
  }
  EXPECT_GE(sum / 5, 250);
}

TEST(Ppo, FindsARealAction) {
  // the best action is 0.3, in bounds of ±1; the mean of the first policy is near 0, reward −0.09
  for (const bool use_sde : {false, true}) {
    auto config = small_config();
    config.use_sde = use_sde;
    config.sde_sample_freq = 4;
    config.log_std_init = use_sde ? -2 : -0.5;
    for (const std::uint64_t seed : {0, 1}) {
      EXPECT_GE(trained_return<Ppo>(config, "AgentsTest/Target-v0", 8, 8000, seed), -0.005)
          << "seed " << seed << (use_sde ? " with gSDE" : "");
    }
  }
}

TEST(Ppo, ResumesExactlyAndShipsItsPolicy) {
  const auto make_small = [](const EnvSignature& facts) -> AgentPtr {
    Ppo::Config config = small_config();
    config.hidden = {8};
    config.n_steps = 20;
    config.batch_size = 16;
    config.n_epochs = 2;
    config.normalize_observations = facts.spec.id != "Taxi-v4";
    config.normalize_rewards = true;
    config.mask_actions = facts.spec.id == "Taxi-v4";
    config.use_sde = facts.spec.id == "Pendulum-v1";
    config.sde_sample_freq = 3;
    return std::make_unique<Ppo>(config, facts, 3, "cpu");
  };
  for (const std::string id : {"CartPole-v1", "Pendulum-v1", "Taxi-v4"}) {
    expect_exact_resume(make_small, id, 3, 150, 150);  // within a rollout, and of gSDE's three steps
    const auto envs = make_envs(id, 2);
    const AgentPtr agent = make_small(EnvSignature::of(*envs));
    agent->begin(400);
    Driver(*envs, *agent, 1).run(400);
    expect_policy_alone_acts_alike(make_small, *agent, id);
  }
}

TEST(Ppo, SettingsOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    Ppo::Config config;
    change(config);
    EXPECT_THROW(Ppo(config, two_armed_facts(), 0, "cpu"), InputError);
  };
  refused([](auto& config) { config.n_steps = 0; });
  refused([](auto& config) { config.n_steps = 1; });  // advantages of one step cannot be normalised
  refused([](auto& config) { config.batch_size = 0; });
  refused([](auto& config) { config.n_epochs = 0; });
  refused([](auto& config) { config.gae_lambda = -0.1; });
  refused([](auto& config) { config.clip_range = 0; });
  refused([](auto& config) { config.clip_range = 1.5; });
  refused([](auto& config) { config.clip_range_vf = runs::Schedule(-1.0); });
  refused([](auto& config) { config.target_kl = 0; });
  refused([](auto& config) { config.adam_epsilon = 0; });
}

}  // namespace
}  // namespace ludus::agents
