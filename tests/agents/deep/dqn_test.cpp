#include "agents/deep/dqn.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "agents/runner/evaluation.h"
#include "envs/core/registry.h"
#include "nn/io/checkpoint.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents {
namespace {

// One observation, two actions: enough to work a network out on paper.
EnvFacts line_facts() {
  EnvFacts facts;
  facts.spec.id = "Line-v0";
  facts.observation_space = std::make_shared<envs::Box>(-10.0, 10.0, Shape{1});
  facts.action_space = std::make_shared<envs::Discrete>(2);
  facts.observation_size = 1;
  facts.action_size = 1;
  return facts;
}

// No hidden layer: Q(s, a) = w_a s + b_a. One transition a batch, one update a step.
Dqn::Config linear_config() {
  Dqn::Config config;
  config.hidden = {};
  config.learning_rate = 0.1;
  config.buffer_size = 1;
  config.learning_starts = 0;
  config.batch_size = 1;
  config.discount = 0.5;
  config.train_freq = 1;
  config.target_update_interval = 1000;
  return config;
}

struct Weights {
  std::array<float, 2> w, b;
};

// The agent with these weights in its online and its target network.
void set_weights(Dqn& agent, const Weights& online, const Weights& target) {
  nn::Checkpoint old, changed;
  agent.save(old);
  for (const std::string& name : old.names()) {
    const auto replaced = [&](const std::string& prefix, const Weights& weights) {
      if (name == prefix + "/layers.0.weight") {
        changed.put(name, Array::of(std::span<const float>(weights.w), Shape{2, 1}));
      } else if (name == prefix + "/layers.0.bias") {
        changed.put(name, Array::of(std::span<const float>(weights.b)));
      } else {
        return false;
      }
      return true;
    };
    if (!replaced("agent/q", online) && !replaced("agent/target", target)) changed.put(name, old.array(name));
  }
  for (const std::string& name : old.value_names()) changed.put_value(name, old.value(name));
  agent.load(changed);
}

// Shows one transition s = 1, a = 0, r = 1, s' = 2 and learns from it; returns the loss.
double learn_once(Dqn& agent, bool terminated, bool truncated) {
  const std::array<float, 1> observation{1}, next{2};
  const std::array<double, 1> reward{1};
  const std::array<std::uint8_t, 1> ended{terminated}, cut{truncated};
  Actions actions;
  actions.integers = {0};
  agent.observe({.observations = observation,
                 .actions = &actions,
                 .rewards = reward,
                 .next_observations = next,
                 .terminated = ended,
                 .truncated = cut});
  agent.update();
  return agent.metrics().at("train/loss");
}

// online: Q(1, ·) = (0.5, 0.1), Q(2, ·) = (0.9, 0.3); target: Q⁻(2, ·) = (0.4, 0.8)
constexpr Weights kOnline{{0.4f, 0.2f}, {0.1f, -0.1f}};
constexpr Weights kTarget{{0.1f, 0.3f}, {0.2f, 0.2f}};

TEST(DqnByHand, BootstrapsFromTheBestActionOfTheTarget) {
  // y = 1 + 0.5 · max(0.4, 0.8) = 1.4;  δ = 0.5 − 1.4 = −0.9;  Huber: δ² / 2 = 0.405
  Dqn agent(linear_config(), line_facts(), 0, "cpu");
  set_weights(agent, kOnline, kTarget);
  EXPECT_NEAR(learn_once(agent, false, false), 0.405, 1e-6);

  // the gradient of both w₀ and b₀ is δ = −0.9; Adam's first step is the learning rate against its sign, and the other
  // action's weights have no gradient:  Q(1, 0) = 0.5 + 0.1 + 0.1,  Q(1, 1) as before
  const std::array<float, 1> one{1};
  const std::vector<float> values = agent.action_values(one, 1);
  EXPECT_NEAR(values[0], 0.7, 1e-5);
  EXPECT_NEAR(values[1], 0.1, 1e-6);
}

TEST(DqnByHand, TerminationEndsTheReturnAndTruncationDoesNot) {
  // terminated: y = 1, δ = −0.5, loss 0.125. Truncated: as if nothing had been cut, loss 0.405
  Dqn ended(linear_config(), line_facts(), 0, "cpu"), cut(linear_config(), line_facts(), 0, "cpu");
  set_weights(ended, kOnline, kTarget);
  set_weights(cut, kOnline, kTarget);
  EXPECT_NEAR(learn_once(ended, true, false), 0.125, 1e-6);
  EXPECT_NEAR(learn_once(cut, false, true), 0.405, 1e-6);

  // both at once: the task did end
  Dqn both(linear_config(), line_facts(), 0, "cpu");
  set_weights(both, kOnline, kTarget);
  EXPECT_NEAR(learn_once(both, true, true), 0.125, 1e-6);
}

TEST(DqnByHand, DoubleQValuesTheOnlineChoice) {
  // the online network prefers action 0 in s' = 2 (0.9 > 0.3), which the target values at 0.4:
  // y = 1 + 0.5 · 0.4 = 1.2;  δ = −0.7;  loss 0.245
  Dqn::Config config = linear_config();
  config.double_q = true;
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, kOnline, kTarget);
  EXPECT_NEAR(learn_once(agent, false, false), 0.245, 1e-6);
}

TEST(DqnByHand, LossesBeyondOneAreLinearOnlyForHuber) {
  // target Q⁻(2, ·) = (4, 0): y = 3, δ = −2.5;  Huber |δ| − ½ = 2, squared δ² = 6.25
  const Weights far{{2, 0}, {0, 0}};
  Dqn huber(linear_config(), line_facts(), 0, "cpu");
  set_weights(huber, kOnline, far);
  EXPECT_NEAR(learn_once(huber, false, false), 2.0, 1e-5);
  Dqn::Config config = linear_config();
  config.loss = "squared";
  Dqn squared(config, line_facts(), 0, "cpu");
  set_weights(squared, kOnline, far);
  EXPECT_NEAR(learn_once(squared, false, false), 6.25, 1e-5);
}

TEST(Dqn, TargetFollowsAtItsInterval) {
  Dqn::Config config = linear_config();
  config.target_update_interval = 3;
  config.learning_rate = 1e-9;  // the online network stands still
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, kOnline, kTarget);
  EXPECT_NEAR(learn_once(agent, false, false), 0.405, 1e-5);
  EXPECT_NEAR(learn_once(agent, false, false), 0.405, 1e-5);
  // at the third step the target becomes the online network: y = 1 + 0.5 · 0.9 = 1.45, δ = −0.95, loss 0.45125
  EXPECT_NEAR(learn_once(agent, false, false), 0.45125, 1e-5);
}

TEST(Dqn, ExplorationFallsLinearly) {
  Dqn::Config config;
  config.exploration_fraction = 0.2;
  config.exploration_final = 0.1;
  Dqn agent(config, line_facts(), 0, "cpu");
  agent.begin(1000);
  EXPECT_DOUBLE_EQ(agent.exploration_rate(0), 1.0);
  EXPECT_DOUBLE_EQ(agent.exploration_rate(100), 0.55);
  EXPECT_DOUBLE_EQ(agent.exploration_rate(200), 0.1);
  EXPECT_DOUBLE_EQ(agent.exploration_rate(1000), 0.1);
}

// One state, reward 1 a step, for ever; only a time limit cuts its episodes.
struct Endless {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    char nothing;
  };
  Config config;
  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 1.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(envs::Generator&, const Dict&) const { return {}; }
  envs::Transition step(State&, std::int64_t, envs::Generator&) const { return {1.0, false}; }
  void observe(const State&, std::span<float> out) const { out[0] = 1; }
};

TEST(Dqn, ATimeLimitDoesNotLowerTheValue) {
  // Q = 1 / (1 − 0.9) = 10 for every number of steps to the limit, for the state does not show it. Were the limit taken
  // for an end, every fifth target would be 1 alone: Q = 1 + 0.9 · 4/5 Q = 3.57
  envs::Registry own;
  own.add<Endless>({.id = "Endless-v0", .max_episode_steps = 5});
  const auto envs = own.make_vec("Endless-v0", 1, {.autoreset = envs::AutoresetMode::kSameStep});
  Dqn::Config config;
  config.hidden = {};
  config.loss = "squared";  // whose minimum is the mean; Huber's would make light of every fifth target
  config.learning_rate = 0.05;
  config.discount = 0.9;
  config.buffer_size = 200;
  config.learning_starts = 10;
  config.train_freq = 1;
  config.target_update_interval = 10;
  Dqn agent(config, EnvFacts::of(*envs), 1, "cpu");
  agent.begin(2000);
  testing::Driver(*envs, agent, 0).run(2000);
  const std::array<float, 1> one{1};
  for (const float value : agent.action_values(one, 1)) EXPECT_NEAR(value, 10, 0.5);
}

TEST(Dqn, LearnsToBalance) {
  // CartPole in 6,000 steps: a random policy earns about 22, one that has learnt nothing of the future about 10; with
  // the sign of the target turned, without a target network's copy or without the memory it stays below 60
  for (const std::uint64_t seed : {0, 1, 2}) {
    const auto envs = testing::make_envs("CartPole-v1", 1);
    Dqn::Config config;
    config.learning_rate = 2e-3;
    config.buffer_size = 10000;
    config.learning_starts = 500;
    config.batch_size = 64;
    config.train_freq = 64;
    config.gradient_steps = 64;
    config.target_update_interval = 10;
    config.exploration_fraction = 0.3;
    Dqn agent(config, EnvFacts::of(*envs), seed, "cpu");
    agent.begin(6000);
    testing::Driver driver(*envs, agent, seed);
    const auto fresh = testing::make_envs("CartPole-v1", 8, envs::AutoresetMode::kDisabled);
    double best = 0;
    for (int part = 0; part < 6; ++part) {
      driver.run(1000);
      const Episodes episodes = evaluate(agent, *fresh, 16, 1000);
      double sum = 0;
      for (const double episode_return : episodes.returns) sum += episode_return;
      best = std::max(best, sum / 16);
    }
    EXPECT_GE(best, 120) << "seed " << seed;
  }
}

TEST(Dqn, SettingsOutOfRangeAreRefused) {
  const auto refused = [](auto change) {
    Dqn::Config config;
    change(config);
    EXPECT_THROW(Dqn(config, line_facts(), 0, "cpu"), InvalidArgument);
  };
  refused([](auto& config) { config.learning_rate = 0; });
  refused([](auto& config) { config.batch_size = 0; });
  refused([](auto& config) { config.buffer_size = -1; });
  refused([](auto& config) { config.discount = 1.1; });
  refused([](auto& config) { config.train_freq = 0; });
  refused([](auto& config) { config.gradient_steps = -2; });
  refused([](auto& config) { config.polyak_tau = 0; });
  refused([](auto& config) { config.exploration_final = 2; });
  refused([](auto& config) { config.hidden = {64, 0}; });
  refused([](auto& config) { config.loss = "l1"; });
  EnvFacts facts = line_facts();
  facts.action_space = std::make_shared<envs::Box>(-1.0, 1.0, Shape{1});
  EXPECT_THROW(Dqn({}, facts, 0, "cpu"), NotApplicable);
  EXPECT_THROW(Dqn({}, line_facts(), 0, "abacus"), InputError);
}

}  // namespace
}  // namespace ludus::agents
