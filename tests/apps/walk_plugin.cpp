// A plug-in for the tests: a walk on a line, whose spaces are not CartPole's, and one that breaks the contract.
#include <cmath>

#include "envs/registry/registry.h"

namespace {

using namespace ludus;

struct Walk {
  using Scalar = float;
  struct Config {
    std::int64_t goal = 3;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("goal", self.goal, "steps to the goal on the right");
    }
  };
  struct State {
    std::int64_t place;
  };

  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(-100.0, 100.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(3); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t action, Generator&) const {
    state.place += action - 1;
    return {.reward = -1, .terminated = state.place >= config.goal};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(state.place); }
};

// The same walk, whose third reward is infinite.
struct Stray {
  using Scalar = float;
  using Config = Walk::Config;
  struct State {
    std::int64_t steps;
  };

  Config config;

  envs::SpacePtr observation_space() const { return std::make_unique<envs::Box>(0.0, 10.0, Shape{1}); }
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }
  State reset(Generator&, const Dict&) const { return {0}; }
  envs::Transition step(State& state, std::int64_t, Generator&) const {
    ++state.steps;
    return {.reward = state.steps == 3 ? HUGE_VAL : 0, .terminated = state.steps >= 9};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(state.steps % 10); }
};

}  // namespace

LUDUS_PLUGIN(registry) {
  registry.add<Walk>({.id = "test/Walk-v0", .summary = "Go right.", .max_episode_steps = 50});
  registry.add<Stray>({.id = "test/Stray-v0", .summary = "Break the contract."});
}
