// Environments so small that the optimal values are computed by hand.
#pragma once

#include "envs/registry/registry.h"

namespace ludus::agents::testing {

// Three states in a row; action 1 goes right, 0 left (from state 0: stays). Right from the last state ends the task
// with reward 1; all other rewards are 0.
struct Chain {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    std::int64_t at;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Discrete>(3); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t action, Generator&) const {
    if (action == 1 && state.at == 2) return {.reward = 1, .terminated = true};
    state.at = action == 1 ? state.at + 1 : std::max<std::int64_t>(state.at - 1, 0);
    return {};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(state.at); }
};

// Three states in a ring, traversed whatever the actions, reward 1 per step. The time limit truncates the episode after
// one round; with `ends` it terminates there as well.
struct Ring {
  using Scalar = float;
  struct Config {
    bool ends = false;
    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("ends", self.ends, "whether the task ends after one round");
    }
  };
  struct State {
    std::int64_t at;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Discrete>(3, 5); }  // 5, 6, 7
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2, -1); }      // -1, 0
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t, Generator&) const {
    state.at = (state.at + 1) % 3;
    return {.reward = 1, .terminated = config.ends && state.at == 0};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(5 + state.at); }
};

// One step an episode: the reward is minus the squared distance of the action from 0.3. The observation is 1, so a
// linear policy's one weight is its action.
struct Target {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    double reward;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 1.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Box>(-1.0, 1.0, Shape{1}); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State&, std::span<const float> action, Generator&) const {
    return {.reward = reward(static_cast<double>(action[0])), .terminated = true};
  }
  void observe(const State&, std::span<float> out) const { out[0] = 1; }
  static double reward(double action) { return -(action - 0.3) * (action - 0.3); }
};

// Ten numbers uniform in [-1, 1), one after another: reward 1 for saying whether the number is positive (action 1).
struct Signs {
  using Scalar = float;
  struct Config {
    template <class Self, class Visit>
    static void fields(Self&, Visit&&) {}
  };
  struct State {
    double number;
    std::int64_t step;
  };
  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(-1.0, 1.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(Generator& generator, const Dict&) const { return {generator.uniform(-1, 1), 0}; }
  envs::Transition step(State& state, std::int64_t action, Generator& generator) const {
    const double reward = (state.number > 0) == (action == 1) ? 1 : 0;
    state = {generator.uniform(-1, 1), state.step + 1};
    return {.reward = reward, .terminated = state.step == 10};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(state.number); }
};

inline void register_small_envs() {
  static const bool once = [] {
    envs::register_env<Chain>({.id = "AgentsTest/Chain-v0", .max_episode_steps = 20});
    envs::register_env<Ring>({.id = "AgentsTest/Ring-v0", .max_episode_steps = 3});
    envs::register_env<Target>({.id = "AgentsTest/Target-v0"});
    envs::register_env<Signs>({.id = "AgentsTest/Signs-v0"});
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace ludus::agents::testing
