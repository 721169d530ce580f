#include "envs/classic_control/cart_pole.h"

#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/classic_control/reset_options.h"

namespace ludus::envs {
namespace {

constexpr std::string_view kExplicit = "euler";

}  // namespace

SpacePtr CartPole::observation_space() const {
  // positions may be observed up to twice their limit; velocities are unbounded
  const float infinity = std::numeric_limits<float>::infinity();
  const auto x = static_cast<float>(2 * config.x_threshold);
  const auto theta = static_cast<float>(2 * config.theta_threshold_radians);
  return std::make_unique<Box>(Array::of({-x, -infinity, -theta, -infinity}),
                               Array::of({x, infinity, theta, infinity}));
}

SpacePtr CartPole::action_space() const {
  return std::make_unique<Discrete>(2);
}

CartPole::State CartPole::reset(Generator& generator, const Dict& options) const {
  const auto [low, high] = reset_bounds(options, -0.05, 0.05);
  State state{};
  state.x = generator.uniform(low, high);
  state.x_dot = generator.uniform(low, high);
  state.theta = generator.uniform(low, high);
  state.theta_dot = generator.uniform(low, high);
  state.fallen = false;
  return state;
}

Transition CartPole::step(State& state, std::int64_t action, Generator&) const {
  auto& [x, x_dot, theta, theta_dot, fallen] = state;
  const double force = action == 1 ? config.force_mag : -config.force_mag;
  const double cos_theta = std::cos(theta);
  const double sin_theta = std::sin(theta);

  // θ̈ = (g sin θ − cos θ · t) / (l (4/3 − m_p cos² θ / m)), t = (F + m_p l θ̇² sin θ) / m  Barto et al. 1983, appendix
  const double total_mass = config.total_mass(), pole_mass_length = config.pole_mass_length(), tau = config.tau;
  const double t = (force + pole_mass_length * (theta_dot * theta_dot) * sin_theta) / total_mass;
  const double theta_acceleration =
      (config.gravity * sin_theta - cos_theta * t) /
      (config.length * (4.0 / 3.0 - config.masspole * (cos_theta * cos_theta) / total_mass));

  // ẍ = t − m_p l θ̈ cos θ / m
  const double x_acceleration = t - pole_mass_length * theta_acceleration * cos_theta / total_mass;

  if (config.kinematics_integrator == kExplicit) {
    // explicit Euler: positions move by the velocities of before
    x = x + tau * x_dot;
    x_dot = x_dot + tau * x_acceleration;
    theta = theta + tau * theta_dot;
    theta_dot = theta_dot + tau * theta_acceleration;
  } else {
    // semi-implicit Euler: positions move by the new velocities
    x_dot = x_dot + tau * x_acceleration;
    x = x + tau * x_dot;
    theta_dot = theta_dot + tau * theta_acceleration;
    theta = theta + tau * theta_dot;
  }

  const bool terminated = x < -config.x_threshold || x > config.x_threshold ||
                          theta < -config.theta_threshold_radians || theta > config.theta_threshold_radians;

  // the step that ends the episode still earns its reward; steps after it earn nothing
  const bool first_fall = terminated && !fallen;
  double reward = 0;
  if (config.sutton_barto_reward) {
    reward = terminated ? -1.0 : 0.0;
  } else {
    reward = !terminated || first_fall ? 1.0 : 0.0;
  }
  fallen = fallen || terminated;
  return {reward, terminated};
}

void CartPole::observe(const State& state, std::span<float> out) const {
  out[0] = static_cast<float>(state.x);
  out[1] = static_cast<float>(state.x_dot);
  out[2] = static_cast<float>(state.theta);
  out[3] = static_cast<float>(state.theta_dot);
}

Scene CartPole::draw(const State& state) const {
  // the world is metres: 600 pixels show the track, and the track is 100 pixels above the lower edge
  const double limit = config.x_threshold, pixel = 2 * limit / 600;  // m
  const double cart_width = 50 * pixel, cart_height = 30 * pixel, track = 100 * pixel;
  // a pole of 1 m is 100 pixels on a track of 4.8 m
  const double pole_width = 10 * pixel, pole_length = 2 * config.length * 100 * (2 * 2.4 / 600);
  constexpr Color kBlack{0, 0, 0, 255}, kPole{202, 152, 101, 255}, kAxle{129, 132, 203, 255};

  Scene scene;
  scene.low = {-limit, 0};
  scene.high = {limit, 400 * pixel};
  scene.width = 600;
  scene.height = 400;
  scene.items.push_back(Polyline{{{-limit, track}, {limit, track}}, kBlack, 0});

  const double left = state.x - cart_width / 2, right = state.x + cart_width / 2;
  const double bottom = track - cart_height / 2, top = track + cart_height / 2;
  scene.items.push_back(Polygon{{{left, bottom}, {left, top}, {right, top}, {right, bottom}}, {.fill = kBlack}});

  // the pole turns about the axle, clockwise for positive angles
  const Point axle{state.x, track + cart_height / 4};
  const double along_x = std::sin(state.theta), along_y = std::cos(state.theta);
  const auto at = [&](double along, double across) {
    return Point{axle.x + along * along_x + across * along_y, axle.y + along * along_y - across * along_x};
  };
  const double half = pole_width / 2;
  scene.items.push_back(
      Polygon{{at(-half, -half), at(pole_length - half, -half), at(pole_length - half, half), at(-half, half)},
              {.fill = kPole}});
  scene.items.push_back(Circle{axle, half, {.fill = kAxle}});
  return scene;
}

}  // namespace ludus::envs
