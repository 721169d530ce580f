#include "agents/core/action_masks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "agents/deep/ppo.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/trainer.h"
#include "envs/registry/registry.h"
#include "envs/spaces/multi_discrete.h"
#include "tests/agents/support/drive.h"

namespace ludus::agents {
namespace {

// Three actions, one of them allowed: the observed number, a new one each step. Any other action terminates the
// episode. Episodes have different lengths, and after the end of one no action is allowed.
struct Narrow {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    std::int64_t allowed, left;
    bool broken;
  };
  Config config;
  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 1.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(3); }
  State reset(Generator& generator, const Dict&) const {
    return {generator.integers(3), 2 + generator.integers(6), false};
  }
  envs::Transition step(State& state, std::int64_t action, Generator& generator) const {
    state.broken = action != state.allowed;
    state.allowed = generator.integers(3);
    --state.left;
    return {.reward = state.broken ? -100.0 : 1.0, .terminated = state.broken || state.left == 0};
  }
  void observe(const State&, std::span<float> out) const { out[0] = 1; }  // tells nothing: the mask must
  void inform(const State& state, Dict& info) const {
    Array mask(DType::kInt8, Shape{3});
    if (state.left > 0 && !state.broken) mask.set(static_cast<std::size_t>(state.allowed), 1);
    info["action_mask"] = std::move(mask);
  }
};

void register_narrow() {
  static const bool once = [] {
    envs::register_env<Narrow>({.id = "AgentsTest/Narrow-v0"});
    return true;
  }();
  static_cast<void>(once);
}

Ppo::Config masked_config() {
  Ppo::Config config;
  config.n_steps = 16;
  config.n_epochs = 1;
  config.mask_actions = true;
  return config;
}

// An untrained policy with masks takes no forbidden action, neither in training, with autoreset, nor in an evaluation,
// with single resets, nor when it samples.
TEST(ActionMasks, ReachThePolicyWhereverItActs) {
  register_narrow();
  const auto envs = testing::make_envs("AgentsTest/Narrow-v0", 5);
  Ppo agent(masked_config(), EnvSignature::of(*envs), 0, "cpu");
  Trainer trainer(agent, *envs);
  struct NoneBroken final : TrainerCallback {
    std::string name() const override { return "none_broken"; }
    void on_episode(runs::Training&, const EpisodeEnd& episode) override {
      EXPECT_GT(episode.episode_return, 0);
      ++episodes;
    }
    int episodes = 0;
  };
  const auto none_broken = std::make_shared<NoneBroken>();
  trainer.add(none_broken);
  trainer.learn(1000, 3);
  EXPECT_GT(none_broken->episodes, 100);
  // the update uses the masks too: with one allowed action the entropy is 0
  EXPECT_EQ(agent.metrics().at("train/entropy_loss"), 0);

  const auto fresh = testing::make_envs("AgentsTest/Narrow-v0", 3, envs::AutoresetMode::kDisabled);
  for (const bool deterministic : {true, false}) {
    const EpisodeResults episodes = evaluate(agent, *fresh, 20, 7, deterministic);
    for (std::size_t k = 0; k < 20; ++k) {
      EXPECT_EQ(episodes.returns[k], static_cast<double>(episodes.lengths[k])) << k;
    }
  }
}

// Without masks the same policy takes forbidden actions: the test above can fail.
TEST(ActionMasks, WithoutThemRulesAreBroken) {
  register_narrow();
  const auto envs = testing::make_envs("AgentsTest/Narrow-v0", 3, envs::AutoresetMode::kDisabled);
  Ppo::Config config = masked_config();
  config.mask_actions = false;
  Ppo agent(config, EnvSignature::of(*envs), 0, "cpu");
  const EpisodeResults episodes = evaluate(agent, *envs, 20, 7, false);
  EXPECT_LT(*std::min_element(episodes.returns.begin(), episodes.returns.end()), 0);
}

TEST(ActionMasks, OfTaxiAllowWhatChangesTheState) {
  const auto envs = testing::make_envs("Taxi-v4", 2);
  ActionMasks masks(true, envs->spec(), envs->single_action_space(), 2);
  masks.read(envs->reset(3));
  const Array& given = envs->last().info.at("action_mask").as_array();
  ASSERT_EQ(masks.rows().size(), 12u);
  for (std::size_t a = 0; a < 12; ++a) EXPECT_EQ(masks.rows()[a], given.get(a)) << a;
  EXPECT_EQ(masks.row(1)[2], given.get(8));
}

TEST(ActionMasks, SizesFollowTheSpace) {
  EXPECT_EQ(action_mask_size(envs::Discrete(4, 2)), 4u);
  EXPECT_EQ(action_mask_size(envs::MultiDiscrete({2, 3})), 5u);
  EXPECT_EQ(action_mask_size(envs::Box(0.0, 1.0, Shape{2})), 0u);
}

TEST(ActionMasks, EnvironmentsWithoutThemAreRefused) {
  const auto envs = testing::make_envs("CartPole-v1", 2);
  envs->reset(0);
  ActionMasks wanted(true, envs->spec(), envs->single_action_space(), 2);
  EXPECT_THROW(wanted.read(envs->last()), NotApplicable);
  ActionMasks unwanted(false, envs->spec(), envs->single_action_space(), 2);
  unwanted.read(envs->last());
  EXPECT_TRUE(unwanted.rows().empty());
  EXPECT_TRUE(unwanted.row(1).empty());

  const auto pendulum = testing::make_envs("Pendulum-v1", 1);
  EXPECT_THROW(ActionMasks(true, pendulum->spec(), pendulum->single_action_space(), 1), NotApplicable);
}

TEST(ActionMasks, NothingAllowedOrAnotherLengthIsRefused) {
  const auto envs = testing::make_envs("Taxi-v4", 1);
  ActionMasks masks(true, envs->spec(), envs->single_action_space(), 1);
  masks.read(Dict{{"action_mask", Array(DType::kInt8, Shape{6})}});
  EXPECT_THROW(masks.rows(), InvalidArgument);
  EXPECT_THROW(masks.row(0), InvalidArgument);
  EXPECT_THROW(masks.read(Dict{{"action_mask", Array(DType::kInt8, Shape{5})}}), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
