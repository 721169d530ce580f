// Continuous tasks small enough to learn in seconds or to work out on paper.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "agents/core/agent.h"
#include "envs/registry/registry.h"

namespace ludus::agents::testing {

// A sledge on a line, to be stopped in the middle. The force changes the speed and the speed the position: maximising
// only the next reward learns nothing. Ten steps, truncated by a time limit.
struct Sledge {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    double place, speed;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(-10.0, 10.0, Shape{2}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Box>(-2.0, 2.0, Shape{1}); }
  State reset(Generator& generator, const Dict&) const { return {generator.uniform(-1, 1), 0}; }
  envs::Transition step(State& state, std::span<const float> force, Generator&) const {
    state.place = std::clamp(state.place + state.speed, -2.0, 2.0);
    state.speed = 0.5 * state.speed + 0.25 * std::clamp(static_cast<double>(force[0]), -2.0, 2.0);
    return {.reward = -state.place * state.place, .terminated = false};
  }
  void observe(const State& state, std::span<float> out) const {
    out[0] = static_cast<float>(state.place);
    out[1] = static_cast<float>(state.speed);
  }
};

// One state, reward 1 per step, for ever; a time limit of 5 truncates its episodes, or, with `ends`, terminates them.
struct EndlessPush {
  using Scalar = float;
  struct Config {
    bool ends = false;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("ends", self.ends, "whether every step ends the task");
    }
  };
  struct State {
    char nothing;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 1.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Box>(-2.0, 2.0, Shape{1}); }
  State reset(Generator&, const Dict&) const { return {}; }
  envs::Transition step(State&, std::span<const float>, Generator&) const {
    return {.reward = 1, .terminated = config.ends};
  }
  void observe(const State&, std::span<float> out) const { out[0] = 1; }
};

inline void register_continuous_envs() {
  static const bool once = [] {
    envs::register_env<Sledge>({.id = "AgentsTest/Sledge-v0", .max_episode_steps = 10});
    envs::register_env<EndlessPush>({.id = "AgentsTest/EndlessPush-v0", .max_episode_steps = 5});
    return true;
  }();
  static_cast<void>(once);
}

// One observation, one action in [-2, 2]: enough to work networks out on paper.
inline EnvSignature push_facts() {
  EnvSignature facts;
  facts.spec.id = "Push-v0";
  facts.observation_space = std::make_shared<envs::Box>(-10.0, 10.0, Shape{1});
  facts.action_space = std::make_shared<envs::Box>(-2.0, 2.0, Shape{1});
  facts.observation_size = 1;
  facts.action_size = 1;
  return facts;
}

// Adds one transition s = 1, a = 0.5 (0.25 in [-1, 1]), r = 1, s' = 2 and learns from it; returns the metrics.
inline Metrics push_once(Agent& agent, bool terminated = false, bool truncated = false) {
  const std::array<float, 1> observation{1}, next{2};
  const std::array<double, 1> reward{1};
  const std::array<std::uint8_t, 1> ended{terminated}, cut{truncated};
  envs::ActionBatch actions;
  actions.continuous = {0.5f};
  agent.observe({.observations = observation,
                 .actions = &actions,
                 .rewards = reward,
                 .next_observations = next,
                 .terminated = ended,
                 .truncated = cut});
  agent.update();
  return agent.metrics();
}

// No hidden layers, one transition a batch, one update a step: Q(s, a) = w_s s + w_a a + b, μ(s) = tanh(w s + b).
template <class Config>
Config linear_config() {
  Config config;
  config.hidden = {};
  config.learning_rate = 0.1;
  config.buffer_size = 1;
  config.learning_starts = 0;
  config.batch_size = 1;
  config.discount = 0.5;
  config.polyak_tau = 0.25;
  return config;
}

}  // namespace ludus::agents::testing
