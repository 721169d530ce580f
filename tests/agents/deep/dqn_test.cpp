#include "agents/deep/dqn.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "agents/runner/evaluation.h"
#include "base/checkpoint.h"
#include "envs/registry/registry.h"
#include "nn/core/threads.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents {
namespace {

// One observation, two actions: enough to work a network out on paper.
EnvSignature line_facts() {
  EnvSignature facts;
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

// Of the outputs of action 0, then of action 1: one for each, or several of a distribution.
struct Weights {
  std::vector<float> w, b;
};

// The agent with these weights in its online and its target network.
void set_weights(Dqn& agent, const Weights& online, const Weights& target) {
  Checkpoint old, changed;
  agent.save(old);
  for (const std::string& name : old.names()) {
    const auto replaced = [&](const std::string& prefix, const Weights& weights) {
      if (name == prefix + "/mlp.layers.0.weight") {
        changed.put(
            name, Array::of(std::span<const float>(weights.w), Shape{static_cast<std::int64_t>(weights.w.size()), 1}));
      } else if (name == prefix + "/mlp.layers.0.bias") {
        changed.put(name, Array::of(std::span<const float>(weights.b)));
      } else {
        return false;
      }
      return true;
    };
    if (!replaced("agent/q", online) && !replaced("agent/q_target", target)) changed.put(name, old.array(name));
  }
  for (const std::string& name : old.value_names()) changed.put_value(name, old.value(name));
  agent.load(changed);
}

// Adds one transition s, a = 0, r = 1, s' and lets the agent learn.
void show(Dqn& agent, float from, float to, bool terminated, bool truncated) {
  const std::array<float, 1> observation{from}, next{to};
  const std::array<double, 1> reward{1};
  const std::array<std::uint8_t, 1> ended{terminated}, cut{truncated};
  envs::ActionBatch actions;
  actions.discrete = {0};
  agent.observe({.observations = observation,
                 .actions = &actions,
                 .rewards = reward,
                 .next_observations = next,
                 .terminated = ended,
                 .truncated = cut});
  agent.update();
}

// The same of s = 1 and s' = 2; returns the loss.
double learn_once(Dqn& agent, bool terminated, bool truncated) {
  show(agent, 1, 2, terminated, truncated);
  return agent.metrics().at("train/loss");
}

// online: Q(1, ·) = (0.5, 0.1), Q(2, ·) = (0.9, 0.3); target: Q⁻(2, ·) = (0.4, 0.8)
const Weights kOnline{{0.4f, 0.2f}, {0.1f, -0.1f}};
const Weights kTarget{{0.1f, 0.3f}, {0.2f, 0.2f}};

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
  // terminated: y = 1, δ = −0.5, loss 0.125. Truncated: as if the episode continued, loss 0.405
  Dqn ended(linear_config(), line_facts(), 0, "cpu"), cut(linear_config(), line_facts(), 0, "cpu");
  set_weights(ended, kOnline, kTarget);
  set_weights(cut, kOnline, kTarget);
  EXPECT_NEAR(learn_once(ended, true, false), 0.125, 1e-6);
  EXPECT_NEAR(learn_once(cut, false, true), 0.405, 1e-6);

  // both at once: terminated
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

TEST(Dqn, ExplorationFollowsItsSchedule) {
  Dqn::Config config;
  config.exploration = "lin_1_0.1_0.2";
  Dqn agent(config, line_facts(), 0, "cpu");
  agent.begin(1000);
  for (const auto& [steps, rate] : {std::pair{0, 1.0}, {100, 0.55}, {200, 0.1}, {1000, 0.1}}) {
    EXPECT_NEAR(agent.exploration_rate(steps), rate, 1e-12);
  }
}

TEST(DqnByHand, SeveralStepsAreSummedBeforeTheValueIsTrusted) {
  // n = 2, s = 1 → 5 → 2: R = 1 + 0.5 · 1, y = 1.5 + 0.25 · max Q⁻(2, ·) = 1.5 + 0.25 · 0.8 = 1.7; δ = −1.2, Huber 0.7
  Dqn::Config config = linear_config();
  config.n_steps = 2;
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, kOnline, kTarget);
  show(agent, 1, 5, false, false);
  EXPECT_FALSE(agent.metrics().contains("train/loss"));  // nothing is complete yet
  show(agent, 5, 2, false, false);
  EXPECT_NEAR(agent.metrics().at("train/loss"), 0.7, 1e-6);
}

TEST(DqnByHand, AnEndCutsTheWindow) {
  // n = 3, the first step ends the episode. Terminated: y = 1, loss 0.125; truncated: one step's bootstrap, 0.405
  Dqn::Config config = linear_config();
  config.n_steps = 3;
  Dqn ended(config, line_facts(), 0, "cpu"), cut(config, line_facts(), 0, "cpu");
  set_weights(ended, kOnline, kTarget);
  set_weights(cut, kOnline, kTarget);
  EXPECT_NEAR(learn_once(ended, true, false), 0.125, 1e-6);
  EXPECT_NEAR(learn_once(cut, false, true), 0.405, 1e-6);
}

TEST(DqnByHand, CategoricalDistribution) {
  // Two atoms, z = (0, 2); γ = ¼. Target in s' = 2: p = (¼, ¾) for action 0 (logits 0, ln 3), mean 1.5; (½, ½) for
  // action 1, mean 1: a' = 0. r + γ z = (1, 1.5): the ¼ that lies at 1 goes half to each neighbour, of the ¾ at 1.5 a
  // quarter to 0 and the rest to 2:  m = ¼ (½, ½) + ¾ (¼, ¾) = (0.3125, 0.6875)
  //   online in s = 1: p = (¼, ¾): loss −0.3125 ln ¼ − 0.6875 ln ¾ = 0.630998
  //   gradient of the logits p − m = (−0.0625, 0.0625); Adam: each weight and bias 0.1 against its sign, so that the
  //   logits in s = 1 become (0.2, ln 3 − 0.2): Q(1, 0) = 2 / (1 + e^{0.4} / 3) = 1.335760
  Dqn::Config config = linear_config();
  config.discount = 0.25;
  config.distribution = "categorical";
  config.n_atoms = 2;
  config.v_min = 0;
  config.v_max = 2;
  const Weights online{{0, std::log(3.0f), 0, 0}, {0, 0, 0, 0}};
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, online, {{0, std::log(3.0f) / 2, 0, 0}, {0, 0, 0, 0}});
  EXPECT_NEAR(learn_once(agent, false, false), 0.630998, 1e-6);
  const std::array<float, 1> one{1};
  const std::vector<float> values = agent.action_values(one, 1);
  EXPECT_NEAR(values[0], 1.335760, 1e-5);
  EXPECT_NEAR(values[1], 1.0, 1e-6);

  // terminated: all mass at r = 1, m = (½, ½). Loss −½ ln ¼ − ½ ln ¾ = 0.836988
  Dqn ended(config, line_facts(), 0, "cpu");
  set_weights(ended, online, {{0, 1, 0, 0}, {0, 0, 0, 0}});
  EXPECT_NEAR(learn_once(ended, true, false), 0.836988, 1e-6);
}

TEST(DqnByHand, QuantileDistribution) {
  // Two quantiles, τ = (¼, ¾). Target in s' = 2: θ⁻ = (−1, 4), mean 1.5, for action 0 and (1, 1) for action 1: a' = 0,
  // and y = 1 + 0.5 θ⁻ = (0.5, 3). Online in s = 1: θ = (0, 1).
  //   i = 1: u = 0.5: ¼ · 0.125;  u = 3: ¼ · 2.5        mean 0.328125
  //   i = 2: u = −0.5: |¾ − 1| · 0.125;  u = 2: ¾ · 1.5   mean 0.578125
  // dL/dθ_1 = −(¼ · 0.5 + ¼ · 1) / 2 < 0, dL/dθ_2 = (¼ · 0.5 − ¾ · 1) / 2 < 0: both rise by 0.2, to mean 0.7
  Dqn::Config config = linear_config();
  config.distribution = "quantile";
  config.n_quantiles = 2;
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, {{0, 1, 0, 0}, {0, 0, 0, 0}}, {{-0.5f, 2, 0.5f, 0.5f}, {0, 0, 0, 0}});
  EXPECT_NEAR(learn_once(agent, false, false), 0.90625, 1e-6);
  const std::array<float, 1> one{1};
  EXPECT_NEAR(agent.action_values(one, 1)[0], 0.7, 1e-5);

  // with the double estimator the online network chooses: it says (0, 2) and (4, 4) in s' = 2, and prefers action 1
  config.double_q = true;
  Dqn second(config, line_facts(), 0, "cpu");
  set_weights(second, {{0, 1, 2, 2}, {0, 0, 0, 0}}, {{-0.5f, 2, 0.5f, 0.5f}, {0, 0, 0, 0}});
  // y = 1 + 0.5 (1, 1) = (1.5, 1.5): i = 1: u = 1.5: ¼ · 1;  i = 2: u = 0.5: ¾ · 0.125
  EXPECT_NEAR(learn_once(second, false, false), 0.25 + 0.09375, 1e-6);
}

TEST(DqnByHand, PrioritiesAreTheErrors) {
  // δ = −0.9 as above: p = (0.9 + 10⁻⁶)^0.6 in the buffer of one transition, with weight 1
  Dqn::Config config = linear_config();
  config.prioritized = true;
  Dqn agent(config, line_facts(), 0, "cpu");
  set_weights(agent, kOnline, kTarget);
  EXPECT_NEAR(learn_once(agent, false, false), 0.405, 1e-6);
  Checkpoint saved;
  agent.save(saved);
  EXPECT_NEAR(saved.array("agent/replay/priorities").data<double>()[0], std::pow(0.9, 0.6), 1e-5);
  EXPECT_DOUBLE_EQ(agent.metrics().at("train/priority_beta"), 1.0);  // the training of 0 steps is over
}

TEST(Dqn, NoisyLayersExploreAndPlayWithoutNoise) {
  Dqn::Config config;
  config.noisy = true;
  config.noisy_sigma = 5;
  config.learning_starts = 0;
  Dqn agent(config, line_facts(), 0, "cpu");
  agent.begin(1000);
  EXPECT_EQ(agent.exploration_rate(0), 0.0);
  const std::array<float, 1> one{1};
  const auto share_of_first = [&](auto choose) {
    envs::ActionBatch actions;
    int first = 0;
    for (int k = 0; k < 200; ++k) {
      choose(actions);
      first += actions.discrete[0] == 0;
    }
    return first / 200.0;
  };
  // exploring, each step draws another network: both actions come; so large a σ leaves nothing of the means
  const double explored = share_of_first([&](envs::ActionBatch& actions) { agent.act({one, 1}, actions); });
  EXPECT_GT(explored, 0.2);
  EXPECT_LT(explored, 0.8);
  const double sampled = share_of_first([&](envs::ActionBatch& actions) { agent.predict({one, 1}, false, actions); });
  EXPECT_GT(sampled, 0.2);
  EXPECT_LT(sampled, 0.8);
  // the deterministic policy is always the same
  const double played = share_of_first([&](envs::ActionBatch& actions) { agent.predict({one, 1}, true, actions); });
  EXPECT_TRUE(played == 0.0 || played == 1.0);
}

// The settings, changed to those of QR-DQN, C51 and Rainbow; returns lie between 0 and `most`.
Dqn::Config by_quantiles(Dqn::Config config) {
  config.distribution = "quantile";
  config.n_quantiles = 10;
  return config;
}

Dqn::Config by_categories(Dqn::Config config, double most) {
  config.distribution = "categorical";
  config.v_min = 0;
  config.v_max = most;
  return config;
}

Dqn::Config with_every_switch(Dqn::Config config, double most) {
  config = by_categories(config, most);
  config.double_q = config.dueling = config.prioritized = config.noisy = true;
  config.n_steps = 3;
  return config;
}

// One state, reward 1 per step, for ever; only a time limit truncates its episodes.
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
  State reset(Generator&, const Dict&) const { return {}; }
  envs::Transition step(State&, std::int64_t, Generator&) const { return {1.0, false}; }
  void observe(const State&, std::span<float> out) const { out[0] = 1; }
};

// Q(1, ·) after 2,000 steps of Endless. With a discount of 0.9 it is 1 / (1 − 0.9) = 10 for every number of steps to
// the limit, because the state does not show it. If the limit were a termination, every fifth target would be 1: Q = 1
// + 0.9 · 4/5 Q = 3.57.
std::vector<float> values_of_endless(Dqn::Config config) {
  nn::use_single_thread();
  envs::Registry own;
  own.add<Endless>({.id = "Endless-v0", .max_episode_steps = 5});
  const auto envs = own.make_vec("Endless-v0", 1, {.autoreset = envs::AutoresetMode::kSameStep});
  config.hidden = {};
  config.loss = "squared";  // minimised by the mean; Huber would underweight every fifth target
  config.learning_rate = 0.05;
  config.discount = 0.9;
  config.buffer_size = 200;
  config.learning_starts = 10;
  config.train_freq = 1;
  config.target_update_interval = 10;
  Dqn agent(config, EnvSignature::of(*envs), 1, "cpu");
  agent.begin(2000);
  testing::Driver(*envs, agent, 0).run(2000);
  const std::array<float, 1> one{1};
  return agent.action_values(one, 1);
}

void expect_ten(const std::vector<float>& values) {
  for (const float value : values) EXPECT_NEAR(value, 10, 0.5);
}

TEST(Dqn, ATimeLimitDoesNotLowerTheValue) {
  expect_ten(values_of_endless({}));
}

TEST(Dqn, ATimeLimitDoesNotLowerTheValueByQuantiles) {
  expect_ten(values_of_endless(by_quantiles({})));
}

TEST(Dqn, ATimeLimitDoesNotLowerTheValueByCategories) {
  expect_ten(values_of_endless(by_categories({}, 20)));
}

TEST(Dqn, ATimeLimitDoesNotLowerTheValueWithEverySwitch) {
  expect_ten(values_of_endless(with_every_switch({}, 20)));
}

// An image with one bright square, to the left or to the right, and one step: pushing toward the square earns 1.
struct Squares {
  using Scalar = std::uint8_t;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    std::int64_t side;
    std::int64_t row;
  };
  Config config;
  envs::SpacePtr observation_space() const {
    return std::make_unique<envs::Box>(0.0, 255.0, Shape{2, 36, 36}, DType::kUInt8);
  }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(Generator& generator, const Dict&) const { return {generator.integers(2), generator.integers(26)}; }
  envs::Transition step(State& state, std::int64_t action, Generator&) const {
    return {action == state.side ? 1.0 : 0.0, true};
  }
  void observe(const State& state, std::span<std::uint8_t> out) const {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    for (std::int64_t y = state.row; y < state.row + 10; ++y) {
      for (std::int64_t x = 0; x < 10; ++x) {
        out[static_cast<std::size_t>(36 * 36 + y * 36 + state.side * 26 + x)] = 255;  // in the newer of two frames
      }
    }
  }
};

TEST(Dqn, LearnsFromPictures) {
  envs::Registry own;
  own.add<Squares>({.id = "Squares-v0"});
  const auto envs = own.make_vec("Squares-v0", 1, {.autoreset = envs::AutoresetMode::kSameStep});
  Dqn::Config config;
  config.hidden = {};
  config.learning_rate = 1e-3;
  config.learning_starts = 32;
  config.batch_size = 16;
  config.buffer_size = 1000;
  config.train_freq = 4;
  config.target_update_interval = 50;
  Dqn agent(config, EnvSignature::of(*envs), 0, "cpu");
  // two frames of 1296 bytes per observation, each stored once: far less than two observations as floats
  EXPECT_LT(agent.memory_bytes(), 1000.0 * 2 * 36 * 36 * 4);
  EXPECT_GT(agent.memory_bytes(), 1000.0 * 36 * 36);
  agent.begin(400);
  testing::Driver(*envs, agent, 0).run(400);

  int right = 0;
  envs->reset(1000);
  for (int k = 0; k < 100; ++k) {
    envs::ActionBatch actions;
    agent.predict({envs->last().observations, 1}, true, actions);
    right += envs->step(actions).rewards[0] > 0;
  }
  EXPECT_GE(right, 98);  // guessing finds 50
}

TEST(Dqn, LearnsFromClasses) {
  // FrozenLake without slipping, its 16 states as numbers: the goal is reached again without exploration
  const auto envs = testing::make_envs("FrozenLake-v1", 1, envs::AutoresetMode::kSameStep, {{"is_slippery", false}});
  Dqn::Config config;
  config.hidden = {};  // one weight for each state and action: a table
  config.learning_rate = 0.02;
  config.learning_starts = 200;
  config.train_freq = 2;
  config.target_update_interval = 100;
  config.buffer_size = 5000;
  config.exploration = "lin_1_0.05_0.8";
  config.discount = 0.95;
  Dqn agent(config, EnvSignature::of(*envs), 0, "cpu");
  agent.begin(6000);
  testing::Driver(*envs, agent, 0).run(6000);
  const auto fresh = testing::make_envs("FrozenLake-v1", 1, envs::AutoresetMode::kDisabled, {{"is_slippery", false}});
  EXPECT_EQ(evaluate(agent, *fresh, 1, 7).returns.at(0), 1.0);
}

// CartPole in 6,000 steps, the best of six evaluations of 16 episodes: a random policy earns about 22, one without
// bootstrapping about 10.
double best_balance(const Dqn::Config& config, std::uint64_t seed) {
  nn::use_single_thread();  // as runs do: batches so small gain nothing from several
  const auto envs = testing::make_envs("CartPole-v1", 1);
  Dqn agent(config, EnvSignature::of(*envs), seed, "cpu");
  agent.begin(6000);
  testing::Driver driver(*envs, agent, seed);
  const auto fresh = testing::make_envs("CartPole-v1", 8, envs::AutoresetMode::kDisabled);
  double best = 0;
  for (int part = 0; part < 6; ++part) {
    driver.run(1000);
    const EpisodeResults episodes = evaluate(agent, *fresh, 16, 1000);
    best = std::max(best, std::accumulate(episodes.returns.begin(), episodes.returns.end(), 0.0) / 16);
  }
  return best;
}

Dqn::Config balancing_config() {
  Dqn::Config config;
  config.learning_rate = 2e-3;
  config.buffer_size = 10000;
  config.learning_starts = 500;
  config.batch_size = 64;
  config.train_freq = 64;
  config.gradient_steps = 64;
  config.target_update_interval = 10;
  config.exploration = "lin_1_0.05_0.3";
  return config;
}

TEST(Dqn, LearnsToBalance) {
  // with the sign of the target flipped, without updates of the target network or without the replay buffer it stays
  // below 60
  for (const std::uint64_t seed : {0, 1, 2}) EXPECT_GE(best_balance(balancing_config(), seed), 120) << "seed " << seed;
}

TEST(Dqn, LearnsToBalanceByQuantiles) {
  const Dqn::Config config = by_quantiles(balancing_config());
  for (const std::uint64_t seed : {0, 1}) EXPECT_GE(best_balance(config, seed), 120) << "seed " << seed;
}

TEST(Dqn, LearnsToBalanceByCategories) {
  const Dqn::Config config = by_categories(balancing_config(), 100);
  for (const std::uint64_t seed : {0, 1}) EXPECT_GE(best_balance(config, seed), 120) << "seed " << seed;
}

TEST(Dqn, LearnsToBalanceWithEverySwitch) {
  const Dqn::Config config = with_every_switch(balancing_config(), 100);
  for (const std::uint64_t seed : {0, 1}) EXPECT_GE(best_balance(config, seed), 120) << "seed " << seed;
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
  refused([](auto& config) { config.exploration = "lin_1_2"; });
  refused([](auto& config) { config.hidden = {64, 0}; });
  refused([](auto& config) { config.loss = "l1"; });
  refused([](auto& config) { config.priority_alpha = 2; });
  refused([](auto& config) { config.priority_beta = "lin_0.4_2"; });
  refused([](auto& config) { config.n_steps = 0; });
  refused([](auto& config) { config.noisy_sigma = 0; });
  refused([](auto& config) { config.distribution = "normal"; });
  refused([](auto& config) { config.n_atoms = 1; });
  refused([](auto& config) { config.v_min = 10; });
  refused([](auto& config) { config.n_quantiles = 0; });
  refused([](auto& config) { config.adam_epsilon = 0; });
  refused([](auto& config) { config.max_gradient_norm = 0; });
  EnvSignature facts = line_facts();
  facts.action_space = std::make_shared<envs::Box>(-1.0, 1.0, Shape{1});
  EXPECT_THROW(Dqn({}, facts, 0, "cpu"), NotApplicable);
  EXPECT_THROW(Dqn({}, line_facts(), 0, "abacus"), InputError);
}

}  // namespace
}  // namespace ludus::agents
