#include "envs/classic_control/mountain_car.h"

#include <algorithm>
#include <cmath>

#include "envs/classic_control/mountain_scene.h"
#include "envs/classic_control/reset_options.h"

namespace ludus::envs {

void MountainCar::Config::check() const {
  check_mountain(min_position, max_position);
}

SpacePtr MountainCar::observation_space() const {
  return mountain_space(config.min_position, config.max_position, config.max_speed);
}

SpacePtr MountainCar::action_space() const {
  return std::make_unique<Discrete>(3);
}

MountainCar::State MountainCar::reset(Generator& generator, const Dict& options) const {
  const auto [low, high] = reset_bounds(options, -0.6, -0.4);
  return {.position = generator.uniform(low, high), .velocity = 0};
}

Transition MountainCar::step(State& state, std::int64_t action, Generator&) const {
  auto& [position, velocity] = state;

  // v ← v + (a − 1) F − g cos 3x;  x ← x + v; the hill is sin 3x
  velocity += static_cast<double>(action - 1) * config.force + std::cos(3 * position) * -config.gravity;
  velocity = std::clamp(velocity, -config.max_speed, config.max_speed);
  position += velocity;
  position = std::clamp(position, config.min_position, config.max_position);

  // the wall on the left takes all speed away
  if (position == config.min_position && velocity < 0) velocity = 0;

  const bool terminated = position >= config.goal_position && velocity >= config.goal_velocity;
  return {-1.0, terminated};  // also the step that arrives costs 1
}

void MountainCar::observe(const State& state, std::span<float> out) const {
  out[0] = static_cast<float>(state.position);
  out[1] = static_cast<float>(state.velocity);
}

Scene MountainCar::draw(const State& state) const {
  return mountain_scene(state.position, config.min_position, config.max_position, config.goal_position);
}

}  // namespace ludus::envs
