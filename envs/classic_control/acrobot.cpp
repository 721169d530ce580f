#include "envs/classic_control/acrobot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/format.h"
#include "envs/classic_control/numpy_scalar.h"
#include "envs/classic_control/reset_options.h"

namespace ludus::envs {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kMaxSpeed1 = 4 * kPi, kMaxSpeed2 = 9 * kPi;  // rad/s

using Vector = std::array<double, 4>;  // θ1, θ2, θ̇1, θ̇2

// l1², lc1² and lc2², m²: the same in every evaluation of a step.
struct Squares {
  double l1, lc1, lc2;
};

// Time derivatives under torque a.
Vector derivatives(const Acrobot::Config& config, const Squares& squared, const Vector& s, double a) {
  const auto [theta1, theta2, dtheta1, dtheta2] = s;
  const double m1 = config.link_mass_1, m2 = config.link_mass_2;
  const double l1 = config.link_length_1;
  const double lc1 = config.link_com_pos_1, lc2 = config.link_com_pos_2;
  const double i1 = config.link_moi, i2 = config.link_moi, g = Acrobot::kGravity;
  const double cos_theta2 = std::cos(theta2), sin_theta2 = std::sin(theta2);

  // d1 = m1 lc1² + m2 (l1² + lc2² + 2 l1 lc2 cos θ2) + I1 + I2;  d2 = m2 (lc2² + l1 lc2 cos θ2) + I2
  const double d1 = m1 * squared.lc1 + m2 * (squared.l1 + squared.lc2 + 2 * l1 * lc2 * cos_theta2) + i1 + i2;
  const double d2 = m2 * (squared.lc2 + l1 * lc2 * cos_theta2) + i2;

  // φ2 = m2 lc2 g cos(θ1 + θ2 − π/2)
  // φ1 = −m2 l1 lc2 θ̇2² sin θ2 − 2 m2 l1 lc2 θ̇2 θ̇1 sin θ2 + (m1 lc1 + m2 l1) g cos(θ1 − π/2) + φ2
  const double phi2 = m2 * lc2 * g * std::cos(theta1 + theta2 - kPi / 2);
  const double phi1 = -m2 * l1 * lc2 * numpy_square(dtheta2) * sin_theta2 -
                      2 * m2 * l1 * lc2 * dtheta2 * dtheta1 * sin_theta2 +
                      (m1 * lc1 + m2 * l1) * g * std::cos(theta1 - kPi / 2) + phi2;

  // θ̈2 = (a + d2/d1 φ1 − m2 l1 lc2 θ̇1² sin θ2 − φ2) / (m2 lc2² + I2 − d2²/d1); the paper forgot the term with θ̇1²
  const double inertia = m2 * squared.lc2 + i2 - numpy_square(d2) / d1;
  const double ddtheta2 =
      config.book_or_nips == "nips"
          ? (a + d2 / d1 * phi1 - phi2) / inertia
          : (a + d2 / d1 * phi1 - m2 * l1 * lc2 * numpy_square(dtheta1) * sin_theta2 - phi2) / inertia;

  // θ̈1 = −(d2 θ̈2 + φ1) / d1
  const double ddtheta1 = -(d2 * ddtheta2 + phi1) / d1;
  return {dtheta1, dtheta2, ddtheta1, ddtheta2};
}

// One step of the classical Runge-Kutta method of fourth order.
Vector runge_kutta(const Acrobot::Config& config, const Vector& y, double torque) {
  const double dt = config.dt, half = dt / 2;
  const Squares squared{numpy_square(config.link_length_1), numpy_square(config.link_com_pos_1),
                        numpy_square(config.link_com_pos_2)};
  const auto ahead = [&](double by, const Vector& slope) {
    Vector moved;
    for (std::size_t i = 0; i < 4; ++i) moved[i] = y[i] + by * slope[i];
    return moved;
  };
  const Vector k1 = derivatives(config, squared, y, torque);
  const Vector k2 = derivatives(config, squared, ahead(half, k1), torque);
  const Vector k3 = derivatives(config, squared, ahead(half, k2), torque);
  const Vector k4 = derivatives(config, squared, ahead(dt, k3), torque);
  Vector slope;
  for (std::size_t i = 0; i < 4; ++i) slope[i] = k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i];
  return ahead(dt / 6, slope);
}

// The angle brought into [−π, π] by whole turns.
double wrapped(double angle) {
  constexpr double kTurn = kPi - -kPi;
  constexpr double kFar = 1e6;  // beyond the range of an episode; subtracting single turns would take too long
  if (!std::isfinite(angle)) return angle;
  if (std::abs(angle) > kFar) return std::remainder(angle, kTurn);
  while (angle > kPi) angle -= kTurn;
  while (angle < -kPi) angle += kTurn;
  return angle;
}

}  // namespace

SpacePtr Acrobot::observation_space() const {
  const auto speed1 = static_cast<float>(kMaxSpeed1), speed2 = static_cast<float>(kMaxSpeed2);
  return std::make_unique<Box>(Array::of({-1.0f, -1.0f, -1.0f, -1.0f, -speed1, -speed2}),
                               Array::of({1.0f, 1.0f, 1.0f, 1.0f, speed1, speed2}));
}

SpacePtr Acrobot::action_space() const {
  return std::make_unique<Discrete>(3);
}

Acrobot::State Acrobot::reset(Generator& generator, const Dict& options) const {
  const auto [low, high] = reset_bounds(options, -0.1, 0.1);
  const auto draw_number = [&, low = low, high = high] {
    return static_cast<double>(static_cast<float>(generator.uniform(low, high)));
  };
  State state{};
  state.theta1 = draw_number();
  state.theta2 = draw_number();
  state.theta1_dot = draw_number();
  state.theta2_dot = draw_number();
  state.single_precision = true;
  return state;
}

Transition Acrobot::step(State& state, std::int64_t action, Generator& generator) const {
  double torque = static_cast<double>(action - 1);
  if (config.torque_noise_max > 0) torque += generator.uniform(-config.torque_noise_max, config.torque_noise_max);

  const Vector next = runge_kutta(config, {state.theta1, state.theta2, state.theta1_dot, state.theta2_dot}, torque);
  state.theta1 = wrapped(next[0]);
  state.theta2 = wrapped(next[1]);
  state.theta1_dot = std::clamp(next[2], -kMaxSpeed1, kMaxSpeed1);
  state.theta2_dot = std::clamp(next[3], -kMaxSpeed2, kMaxSpeed2);
  state.single_precision = false;

  // the free end stands one link above the fixed point
  const bool terminated = -std::cos(state.theta1) - std::cos(state.theta2 + state.theta1) > 1.0;
  return {terminated ? 0.0 : -1.0, terminated};
}

void Acrobot::observe(const State& state, std::span<float> out) const {
  if (state.single_precision) {
    const auto theta1 = static_cast<float>(state.theta1), theta2 = static_cast<float>(state.theta2);
    out[0] = std::cos(theta1), out[1] = std::sin(theta1);
    out[2] = std::cos(theta2), out[3] = std::sin(theta2);
  } else {
    out[0] = static_cast<float>(std::cos(state.theta1)), out[1] = static_cast<float>(std::sin(state.theta1));
    out[2] = static_cast<float>(std::cos(state.theta2)), out[3] = static_cast<float>(std::sin(state.theta2));
  }
  out[4] = static_cast<float>(state.theta1_dot);
  out[5] = static_cast<float>(state.theta2_dot);
}

Scene Acrobot::draw(const State& state) const {
  constexpr double kMargin = 0.2, kHalfWidth = 0.1;  // m
  constexpr Color kBlack{0, 0, 0, 255}, kLink{0, 204, 204, 255}, kJoint{204, 204, 0, 255};
  const double reach = config.link_length_1 + config.link_length_2 + kMargin;

  Scene scene;
  scene.low = {-reach, -reach};
  scene.high = {reach, reach};
  scene.width = scene.height = 500;
  scene.items.push_back(Polyline{{{-reach, 1}, {reach, 1}}, kBlack, 0});  // to be passed by the free end

  // angles from hanging down, counter-clockwise
  const auto link = [&](Point top, double angle, double length) {
    const double along_x = std::sin(angle), along_y = -std::cos(angle);
    const auto at = [&](double along, double across) {
      return Point{top.x + along * along_x - across * along_y, top.y + along * along_y + across * along_x};
    };
    scene.items.push_back(Polygon{
        {at(0, -kHalfWidth), at(0, kHalfWidth), at(length, kHalfWidth), at(length, -kHalfWidth)}, {.fill = kLink}});
    scene.items.push_back(Circle{top, kHalfWidth, {.fill = kJoint}});
    return at(length, 0);
  };
  const Point joint = link({0, 0}, state.theta1, config.link_length_1);
  link(joint, state.theta1 + state.theta2, config.link_length_2);
  return scene;
}

}  // namespace ludus::envs
