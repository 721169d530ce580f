#include "envs/classic_control/mountain_car_continuous.h"

#include <cmath>

#include "base/format.h"
#include "envs/classic_control/mountain_scene.h"
#include "envs/classic_control/numpy_scalar.h"
#include "envs/classic_control/reset_options.h"

namespace ludus::envs {
namespace {

using Config = MountainCarContinuous::Config;
using State = MountainCarContinuous::State;

Transition advance(const Config& config, State& state, NumpyScalar action) {
  const auto stored = [&](double number) {
    return state.double_precision ? NumpyScalar::float64(number) : NumpyScalar::float32(number);
  };
  NumpyScalar position = stored(state.position), velocity = stored(state.velocity);

  // a force that is clipped becomes a Python number and loses the action's type
  NumpyScalar force = action;
  if (force < config.min_action) force = config.min_action;
  if (force > config.max_action) force = config.max_action;

  // v ← v + F p − 0.0025 cos 3x;  x ← x + v; the hill is sin 3x, the cosine a double whatever the state is
  const NumpyScalar slope = 0.0025 * std::cos((3 * position).value());
  velocity = velocity + (force * config.power - slope);
  if (velocity > config.max_speed) velocity = config.max_speed;
  if (velocity < -config.max_speed) velocity = -config.max_speed;
  position = position + velocity;
  if (position > config.max_position) position = config.max_position;
  if (position < config.min_position) position = config.min_position;

  // the wall on the left takes all speed away
  if (position == config.min_position && velocity < 0) velocity = 0;

  const bool terminated = position >= config.goal_position && velocity >= config.goal_velocity;

  // the cost is that of the unclipped force
  double reward = terminated ? 100.0 : 0.0;
  reward -= numpy_square(action.value()) * 0.1;

  state.position = NumpyScalar::float32(position.value()).value();
  state.velocity = NumpyScalar::float32(velocity.value()).value();
  state.double_precision = false;
  return {reward, terminated};
}

}  // namespace

void MountainCarContinuous::Config::check() const {
  check_mountain(min_position, max_position);
  if (!(min_action < max_action)) {
    throw InvalidArgument(formatted("min_action must be below max_action, got {} and {}", min_action, max_action));
  }
}

SpacePtr MountainCarContinuous::observation_space() const {
  return mountain_space(config.min_position, config.max_position, config.max_speed);
}

SpacePtr MountainCarContinuous::action_space() const {
  return std::make_unique<Box>(config.min_action, config.max_action, Shape{1}, DType::kFloat32);
}

MountainCarContinuous::State MountainCarContinuous::reset(Generator& generator, const Dict& options) const {
  const auto [low, high] = reset_bounds(options, -0.6, -0.4);
  return {.position = generator.uniform(low, high), .velocity = 0, .double_precision = true};
}

Transition MountainCarContinuous::step(State& state, std::span<const float> action, Generator&) const {
  return advance(config, state, NumpyScalar::of(action[0]));
}

Transition MountainCarContinuous::step(State& state, std::span<const double> action, Generator&) const {
  return advance(config, state, NumpyScalar::of(action[0]));
}

void MountainCarContinuous::observe(const State& state, std::span<float> out) const {
  out[0] = static_cast<float>(state.position);
  out[1] = static_cast<float>(state.velocity);
}

Scene MountainCarContinuous::draw(const State& state) const {
  return mountain_scene(state.position, config.min_position, config.max_position, config.goal_position);
}

}  // namespace ludus::envs
