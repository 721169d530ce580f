#include "envs/classic_control/pendulum.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/format.h"
#include "envs/classic_control/numpy_scalar.h"
#include "envs/classic_control/reset_options.h"

namespace ludus::envs {
namespace {

constexpr double kPi = std::numbers::pi;

// Python's a % b for b > 0: never negative.
double python_modulo(double a, double b) {
  const double remainder = std::fmod(a, b);
  return remainder < 0 ? remainder + b : remainder;
}

// The angle in [−π, π).
double normalised(double angle) {
  return python_modulo(angle + kPi, 2 * kPi) - kPi;
}

// T is the precision of the action: expressions of the action alone are rounded to T.
template <class T>
Transition advance(const Pendulum::Config& config, Pendulum::State& state, T action) {
  auto& [theta, theta_dot, torque] = state;
  const double g = config.g, m = config.m, l = config.l, dt = config.dt;

  const T u = std::clamp(action, static_cast<T>(-config.max_torque), static_cast<T>(config.max_torque));

  // c = θ² + 0.1 θ̇² + 0.001 u², of the state before the step
  const double cost = numpy_square(normalised(theta)) + 0.1 * numpy_square(theta_dot) +
                      static_cast<double>(static_cast<T>(0.001) * numpy_square(u));

  // θ̈ = 3 g / (2 l) sin θ + 3 / (m l²) u; the new speed, clipped, moves the angle (semi-implicit Euler)
  const double from_torque = static_cast<double>(static_cast<T>(3.0 / (m * numpy_square(l))) * u);
  theta_dot = theta_dot + (3 * g / (2 * l) * std::sin(theta) + from_torque) * dt;
  theta_dot = std::clamp(theta_dot, -config.max_speed, config.max_speed);
  theta = theta + theta_dot * dt;
  torque = static_cast<double>(u);
  return {-cost, false};
}

}  // namespace

SpacePtr Pendulum::observation_space() const {
  const auto speed = static_cast<float>(config.max_speed);
  return std::make_unique<Box>(Array::of({-1.0f, -1.0f, -speed}), Array::of({1.0f, 1.0f, speed}));
}

SpacePtr Pendulum::action_space() const {
  return std::make_unique<Box>(-config.max_torque, config.max_torque, Shape{1}, DType::kFloat32);
}

Pendulum::State Pendulum::reset(Generator& generator, const Dict& options) const {
  double x_init = kPi, y_init = 1.0;
  for (const auto& [key, value] : options) {
    if (key != "x_init" && key != "y_init") {
      throw InvalidArgument(formatted("unknown reset option \"{}\"; options: x_init, y_init", key));
    }
    const double bound = finite_option(key, value);
    if (bound < 0) throw InvalidArgument(formatted("the reset option {} must not be negative, got {}", key, bound));
    (key == "x_init" ? x_init : y_init) = bound;
  }
  State state{};
  state.theta = generator.uniform(-x_init, x_init);
  state.theta_dot = generator.uniform(-y_init, y_init);
  return state;
}

Transition Pendulum::step(State& state, std::span<const float> action, Generator&) const {
  return advance(config, state, action[0]);
}

Transition Pendulum::step(State& state, std::span<const double> action, Generator&) const {
  return advance(config, state, action[0]);
}

void Pendulum::observe(const State& state, std::span<float> out) const {
  out[0] = static_cast<float>(std::cos(state.theta));
  out[1] = static_cast<float>(std::sin(state.theta));
  out[2] = static_cast<float>(state.theta_dot);
}

Scene Pendulum::draw(const State& state) const {
  // the world is lengths of the rod: 500 pixels show 4.4 of them
  constexpr double kHalfWorld = 2.2, kRodHalfWidth = 0.1, kAxleRadius = 0.05;
  constexpr Color kRod{204, 77, 77, 255}, kBlack{0, 0, 0, 255}, kArrow{60, 60, 60, 255};

  Scene scene;
  scene.low = {-kHalfWorld, -kHalfWorld};
  scene.high = {kHalfWorld, kHalfWorld};
  scene.width = scene.height = 500;

  // upright at θ = 0, turning counter-clockwise with θ
  const double along_x = -std::sin(state.theta), along_y = std::cos(state.theta);
  const auto at = [&](double along, double across) {
    return Point{along * along_x - across * along_y, along * along_y + across * along_x};
  };
  scene.items.push_back(Polygon{
      {at(0, -kRodHalfWidth), at(0, kRodHalfWidth), at(1, kRodHalfWidth), at(1, -kRodHalfWidth)}, {.fill = kRod}});
  scene.items.push_back(Circle{{0, 0}, kRodHalfWidth, {.fill = kRod}});
  scene.items.push_back(Circle{at(1, 0), kRodHalfWidth, {.fill = kRod}});

  // the torque as an arrow round the axle, as large as the torque is strong, turning the way it pushes
  const double strength = std::abs(state.torque) / config.max_torque;
  if (strength > 0.01) {
    constexpr int kArcPoints = 40;
    constexpr double kArc = 1.5 * kPi, kHead = 0.3;  // rad of the arc; length of the head in radii
    const double turn = state.torque > 0 ? 1 : -1, radius = 0.5 * strength;
    const auto on_circle = [&](double r, double angle) { return Point{r * std::cos(angle), r * std::sin(angle)}; };
    const double start = kPi / 2 - turn * kArc / 2;  // symmetric about the top

    Polyline arc{{}, kArrow, 0.12 * radius};
    for (int i = 0; i <= kArcPoints; ++i) arc.points.push_back(on_circle(radius, start + turn * kArc * i / kArcPoints));
    const double end = start + turn * kArc;
    scene.items.push_back(std::move(arc));
    scene.items.push_back(
        Polygon{{on_circle(radius * (1 - kHead / 1.5), end), on_circle(radius * (1 + kHead / 1.5), end),
                 on_circle(radius, end + turn * kHead * 1.5)},
                {.fill = kArrow}});
  }
  scene.items.push_back(Circle{{0, 0}, kAxleRadius, {.fill = kBlack}});
  return scene;
}

}  // namespace ludus::envs
