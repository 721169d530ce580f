// Episodes of the Box2D environments under their built-in controllers, for the tests.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/box2d/controllers.h"
#include "envs/registry/registry.h"

namespace ludus::envs::testing {

// The built-in controller of any of the four, a new one for each episode.
class Pilot {
 public:
  explicit Pilot(const std::string& id)
      : walks_(id.starts_with("Bipedal")), throttles_(id.starts_with("LunarLanderContinuous")) {}

  Value act(const Value& observation) {
    const auto numbers = observation.as_array().data<float>();
    if (walks_) return as_array(gait_.act(numbers));
    if (throttles_) return as_array(lander_throttle(numbers));
    return lander_action(numbers);
  }

 private:
  template <std::size_t N>
  static Array as_array(const std::array<double, N>& action) {
    return Array::of(std::span<const double>(action));
  }

  bool walks_;
  bool throttles_;
  WalkerGait gait_;
};

struct Episode {
  double episode_return = 0;  // undiscounted
  std::int64_t length = 0;
  bool terminated = false;
};

// From reset(seed) to the end.
inline Episode play_controller(Env& env, const std::string& id, std::uint64_t seed) {
  Pilot pilot(id);
  Step step;
  step.observation = env.reset(seed).observation;
  Episode episode;
  do {
    const Value action = pilot.act(step.observation);
    env.step_into(action, step);
    episode.episode_return += step.reward;
    ++episode.length;
  } while (!step.terminated && !step.truncated);
  episode.terminated = step.terminated;
  return episode;
}

// A hash of every bit of observations and rewards of up to `steps` steps of the action space's samples, over episodes
// that follow one another: FNV-1a, 64 bits.
inline std::uint64_t hash_of_walk(Env& env, std::uint64_t seed, int steps) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto take = [&](std::uint64_t word) {
    for (int i = 0; i < 8; ++i) hash = (hash ^ ((word >> (8 * i)) & 0xff)) * 0x100000001b3u;
  };
  const auto take_row = [&](const Value& observation) {
    for (const float number : observation.as_array().data<float>()) take(std::bit_cast<std::uint32_t>(number));
  };
  env.action_space().seed(seed);
  take_row(env.reset(seed).observation);
  for (int t = 0; t < steps; ++t) {
    const Step step = env.step(env.action_space().sample());
    take_row(step.observation);
    take(std::bit_cast<std::uint64_t>(step.reward));
    if (step.terminated || step.truncated) take_row(env.reset().observation);
  }
  return hash;
}

inline const std::vector<std::string>& box2d_ids() {
  static const std::vector<std::string> ids{"LunarLander-v3", "LunarLanderContinuous-v3", "BipedalWalker-v3",
                                            "BipedalWalkerHardcore-v3"};
  return ids;
}

}  // namespace ludus::envs::testing
