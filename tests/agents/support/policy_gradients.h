// Shared by the tests of REINFORCE, A2C and PPO: networks with one weight, and tasks that distinguish a correct update
// from a wrong one.
#pragma once

#include <array>
#include <cmath>

#include "agents/deep/actor_critic.h"
#include "nn/core/threads.h"
#include "tests/agents/support/checkpoints.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_envs.h"

namespace ludus::agents::testing {

// One observation s, two actions: log π(a) = w_a s + b_a up to a constant, V(s) = w s + b.
inline EnvSignature two_armed_facts() {
  EnvSignature facts;
  facts.spec.id = "TwoArms-v0";
  facts.observation_space = std::make_shared<envs::Box>(-10.0, 10.0, Shape{1});
  facts.action_space = std::make_shared<envs::Discrete>(2);
  facts.observation_size = 1;
  facts.action_size = 1;
  return facts;
}

inline const std::string kActorWeight = "agent/networks/actor.layers.0.weight";
inline const std::string kActorBias = "agent/networks/actor.layers.0.bias";
inline const std::string kCriticWeight = "agent/networks/critic.layers.0.weight";
inline const std::string kCriticBias = "agent/networks/critic.layers.0.bias";

// The uniform policy and V(s) = w s.
inline void set_linear(Agent& agent, float critic_weight) {
  replace_arrays(agent,
                 {{kActorWeight, {0, 0}}, {kActorBias, {0, 0}}, {kCriticWeight, {critic_weight}}, {kCriticBias, {0}}});
}

struct OneStep {
  float observation = 1, next = 2;
  double reward = 1;
  bool terminated = false, truncated = false;
};

// Lets the agent act on the observation, passes it the resulting experience, and returns its action.
inline envs::ActionBatch show(Agent& agent, const OneStep& step) {
  const std::array<float, 1> observation{step.observation}, next{step.next};
  const std::array<double, 1> reward{step.reward};
  const std::array<std::uint8_t, 1> terminated{step.terminated}, truncated{step.truncated};
  envs::ActionBatch actions;
  agent.act({observation, 1}, actions);
  agent.observe({.observations = observation,
                 .actions = &actions,
                 .rewards = reward,
                 .next_observations = next,
                 .terminated = terminated,
                 .truncated = truncated});
  return actions;
}

// No hidden layers, constant coefficients, no options.
template <class Config>
Config plain_config() {
  Config config;
  config.hidden = {};
  config.discount = 0.5;
  config.learning_rate = 0.1;
  config.normalize_advantages = false;
  config.entropy_coefficient = 0;
  config.value_coefficient = 0.5;
  config.max_gradient_norm = 1000;
  return config;
}

// One state, reward 1 per step, for ever; a time limit of 5 truncates its episodes.
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

// V of Endless after `steps` steps of 4 environments. With a discount of 0.9 it is 1 / (1 − 0.9) = 10, since the state
// does not show how far the limit is; were the limit taken for an end it would be about 1 + 0.9 · 4/5 V = 3.6.
template <class A>
double value_of_endless(typename A::Config config, std::int64_t steps) {
  nn::use_single_thread();
  envs::Registry own;
  own.add<Endless>({.id = "Endless-v0", .max_episode_steps = 5});
  const auto envs = own.make_vec("Endless-v0", 4, {.autoreset = envs::AutoresetMode::kSameStep});
  config.hidden = {};
  config.discount = 0.9;
  A agent(config, EnvSignature::of(*envs), 1, "cpu");
  agent.begin(steps);
  Driver(*envs, agent, 0).run(steps);
  const std::array<float, 1> one{1};
  return static_cast<double>(agent.state_values(one, 1)[0]);
}

// Trains on `n` copies of the environment and returns the mean return of the best actions over 20 episodes.
template <class A>
double trained_return(const typename A::Config& config, const std::string& id, std::size_t n, std::int64_t steps,
                      std::uint64_t seed, const Dict& kwargs = {}) {
  nn::use_single_thread();  // as every program of ludus; two threads cost several times as much here
  register_small_envs();
  const auto envs = make_envs(id, n, envs::AutoresetMode::kSameStep, kwargs);
  A agent(config, EnvSignature::of(*envs), seed, "cpu");
  agent.begin(steps);
  Driver(*envs, agent, seed).run(steps);
  return mean_return(agent, id, 20, 1000);
}

}  // namespace ludus::agents::testing
