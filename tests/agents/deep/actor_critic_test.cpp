#include "agents/deep/actor_critic.h"

#include <gtest/gtest.h>

#include "agents/deep/a2c.h"
#include "agents/deep/ppo.h"
#include "agents/runner/evaluation.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "tests/agents/support/policy_gradients.h"

namespace ludus::agents {
namespace {

using namespace testing;

TEST(ExplainedVariance, ByHand) {
  // returns 1, 3: variance 1.  A perfect guess explains all, a constant one nothing; errors ∓2 have variance 4
  const std::vector<float> returns{1, 3}, constant{7, 7}, wrong{3, 1};
  EXPECT_DOUBLE_EQ(*explained_variance(returns, returns), 1);
  EXPECT_DOUBLE_EQ(*explained_variance(constant, returns), 0);
  EXPECT_DOUBLE_EQ(*explained_variance(wrong, returns), -3);
  EXPECT_FALSE(explained_variance(returns, constant));
}

// One step per episode; every element of the action that equals `wanted` earns 1.
class Pattern final : public envs::Env {
 public:
  Pattern(envs::SpacePtr action_space, std::vector<double> wanted)
      : action_space_(std::move(action_space)), wanted_(std::move(wanted)) {}

  envs::Space& observation_space() override { return observation_space_; }
  envs::Space& action_space() override { return *action_space_; }
  Generator& generator() override { return generator_; }
  envs::Reset reset(std::optional<std::uint64_t>, const Dict&) override { return {.observation = seen(), .info = {}}; }
  void step_into(const Value& action, envs::Step& out) override {
    std::vector<double> row(wanted_.size());
    action_space_->to_row(action, row);
    out = {.observation = seen(), .reward = 0, .terminated = true, .truncated = false, .info = {}};
    for (std::size_t i = 0; i < row.size(); ++i) out.reward += row[i] == wanted_[i];
  }

 private:
  static Value seen() {
    Array one(DType::kFloat32, Shape{1});
    one.set(0, 1);
    return one;
  }

  envs::Box observation_space_{0.0, 1.0, Shape{1}};
  envs::SpacePtr action_space_;
  std::vector<double> wanted_;
  Generator generator_{0};
};

void register_patterns() {
  static const bool once = [] {
    envs::register_env({.id = "AgentsTest/Choices-v0"}, [](const Dict&) -> envs::EnvPtr {
      return std::make_unique<Pattern>(
          std::make_unique<envs::MultiDiscrete>(std::vector<std::int64_t>{3, 3}, std::vector<std::int64_t>{5, 7}),
          std::vector<double>{6, 9});
    });
    envs::register_env({.id = "AgentsTest/Switches-v0"}, [](const Dict&) -> envs::EnvPtr {
      return std::make_unique<Pattern>(std::make_unique<envs::MultiBinary>(4), std::vector<double>{1, 0, 1, 0});
    });
    return true;
  }();
  static_cast<void>(once);
}

TEST(ActorCritic, LearnsSeveralChoicesAndSwitches) {
  register_patterns();
  Ppo::Config config;
  config.n_steps = 16;
  config.learning_rate = 3e-3;
  EXPECT_EQ(trained_return<Ppo>(config, "AgentsTest/Choices-v0", 8, 4000, 0), 2);
  EXPECT_EQ(trained_return<Ppo>(config, "AgentsTest/Switches-v0", 8, 4000, 0), 4);
}

// Continuous actions are clipped only for the environment: the update uses the sampled actions.
TEST(ActorCritic, RealActionsAreClippedButKeptAsDrawn) {
  EnvSignature facts = two_armed_facts();
  facts.action_space = std::make_shared<envs::Box>(-0.01, 0.01, Shape{1});
  auto config = plain_config<A2c::Config>();
  config.n_steps = 50;
  config.log_std_init = 0;
  A2c agent(config, facts, 0, "cpu");
  std::size_t at_bounds = 0;
  for (int t = 0; t < 20; ++t) {
    const envs::ActionBatch actions = show(agent, {});
    ASSERT_LE(std::abs(actions.continuous[0]), 0.01f);
    at_bounds += std::abs(actions.continuous[0]) == 0.01f;
  }
  EXPECT_GE(at_bounds, 18u);
  double squares = 0;
  for (const float drawn : array_of(agent, "agent/rollout/actions")) squares += static_cast<double>(drawn * drawn);
  EXPECT_GT(squares / 20, 0.3);  // of standard deviation 1
}

// An agent that is driven with recorded experience learns from that, not from its last act().
TEST(ActorCritic, LearnsFromTheExperienceThatItIsGiven) {
  auto config = plain_config<A2c::Config>();
  config.n_steps = 50;
  A2c agent(config, two_armed_facts(), 0, "cpu");
  const std::array<double, 1> reward{1};
  const std::array<std::uint8_t, 1> never{0};
  std::vector<float> observations, actions;
  for (int t = 0; t < 20; ++t) {
    envs::ActionBatch taken;
    if (t >= 10) agent.act({std::array<float, 1>{9}, 1}, taken);  // of another observation
    taken.discrete = {t % 3 == 0 ? 1 : 0};
    const std::array<float, 1> observation{static_cast<float>(t)};
    agent.observe({.observations = observation,
                   .actions = &taken,
                   .rewards = reward,
                   .next_observations = observation,
                   .terminated = never,
                   .truncated = never});
    observations.push_back(observation[0]);
    actions.push_back(static_cast<float>(taken.discrete[0]));
  }
  EXPECT_EQ(array_of(agent, "agent/rollout/observations"), observations);
  EXPECT_EQ(array_of(agent, "agent/rollout/actions"), actions);
}

TEST(ActorCritic, ObservationsAndRewardsAreNormalised) {
  // rewards of 1000 in a state of 500 that never changes: the network sees 0, and values stay small
  EnvSignature facts = two_armed_facts();
  auto config = plain_config<A2c::Config>();
  config.n_steps = 1000;
  config.normalize_observations = true;
  config.normalize_rewards = true;
  A2c agent(config, facts, 0, "cpu");
  for (int t = 0; t < 200; ++t)
    show(agent, {.observation = t % 2 ? 500.0f : 510.0f, .reward = 1000, .terminated = true});
  const std::vector<float> seen = array_of(agent, "agent/rollout/observations");
  EXPECT_NEAR(seen[198], 1, 0.05);  // (510 − 505) / 5
  EXPECT_NEAR(seen[199], -1, 0.05);
  show(agent, {.observation = 505, .next = 500, .truncated = true});  // what a value bootstraps from is normalised too
  EXPECT_NEAR(array_of(agent, "agent/rollout/bootstrap_observations").at(0), -1, 0.05);
  const std::vector<float> rewards = array_of(agent, "agent/rollout/rewards");
  for (const float reward : rewards) EXPECT_LE(reward, 10);

  // evaluation does not change the statistics, but uses them
  Checkpoint before, after;
  agent.save_policy(before);
  envs::ActionBatch actions;
  const std::array<float, 3> far{-1e6f, 0, 1e6f};
  agent.predict({far, 3}, true, actions);
  agent.predict({far, 3}, false, actions);
  agent.save_policy(after);
  EXPECT_EQ(before.array("agent/observations/mean"), after.array("agent/observations/mean"));
}

// Where gSDE is held for a rollout, equal states get equal actions; with a frequency only for so many steps.
TEST(ActorCritic, StateDependentNoiseIsHeldAndDrawnAnew) {
  EnvSignature facts = two_armed_facts();
  facts.action_space = std::make_shared<envs::Box>(-1e9, 1e9, Shape{1});
  for (const std::int64_t frequency : {-1, 3}) {
    A2c::Config config;
    config.use_sde = true;
    config.sde_sample_freq = frequency;
    config.n_steps = 8;
    config.learning_rate = 1e-300;  // the parameters stay the same
    A2c agent(config, facts, 0, "cpu");
    std::vector<float> actions;
    for (int t = 0; t < 16; ++t) {
      actions.push_back(show(agent, {}).continuous[0]);
      agent.update();
    }
    for (std::size_t t = 1; t < actions.size(); ++t) {
      const bool is_new = t % 8 == 0 || (frequency > 0 && t % 8 % 3 == 0);
      EXPECT_EQ(actions[t] != actions[t - 1], is_new) << t;
    }
  }
}

TEST(ActorCritic, WhatDoesNotFitIsRefused) {
  const auto refused = [](const EnvSignature& facts, auto change) {
    A2c::Config config;
    change(config);
    EXPECT_THROW(A2c(config, facts, 0, "cpu"), InputError);
  };
  const EnvSignature discrete = two_armed_facts();
  EnvSignature real = discrete, classes = discrete, sequence = discrete;
  real.action_space = std::make_shared<envs::Box>(-1.0, 1.0, Shape{1});
  classes.observation_space = std::make_shared<envs::Discrete>(3);
  sequence.action_space = std::make_shared<envs::Box>(0.0, 5.0, Shape{1}, DType::kInt64);
  refused(discrete, [](auto& config) { config.use_sde = true; });
  refused(real, [](auto& config) { config.mask_actions = true; });
  refused(real, [](auto& config) {
    config.use_sde = true;
    config.hidden = {};
  });
  refused(classes, [](auto& config) { config.normalize_observations = true; });
  refused(sequence, [](auto&) {});
  refused(discrete, [](auto& config) { config.hidden = {0}; });
  refused(discrete, [](auto& config) { config.critic_hidden = std::vector<std::int64_t>{-1}; });
  refused(discrete, [](auto& config) { config.entropy_coefficient = -1; });
  refused(discrete, [](auto& config) { config.max_gradient_norm = 0; });
  refused(discrete, [](auto& config) { config.sde_sample_freq = 0; });
  refused(discrete, [](auto& config) { config.clip_reward = 0; });
}

TEST(ActorCritic, DivergenceIsTold) {
  auto config = plain_config<A2c::Config>();
  config.n_steps = 1;
  A2c agent(config, two_armed_facts(), 0, "cpu");
  show(agent, {.reward = 1e38, .terminated = true});
  EXPECT_THROW(agent.update(), WorkError);
}

}  // namespace
}  // namespace ludus::agents
