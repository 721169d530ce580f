#include "envs/classic_control/pendulum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

constexpr double kPi = std::numbers::pi;

Transition push(const Pendulum& sim, Pendulum::State& state, double torque) {
  Generator unused(0);
  return sim.step(state, std::span<const double>(&torque, 1), unused);
}

TEST(Pendulum, FirstStepByHand) {
  // hanging at rest, torque 2: cost π² + 0.001 · 4; θ̇ = (15 sin π + 3 · 2) · 0.05 = 0.3; θ = π + 0.3 · 0.05
  const Pendulum sim;
  Pendulum::State state{.theta = kPi, .theta_dot = 0, .torque = 0};
  const Transition transition = push(sim, state, 2.0);
  EXPECT_NEAR(transition.reward, -(kPi * kPi + 0.004), 1e-12);
  EXPECT_FALSE(transition.terminated);
  EXPECT_NEAR(state.theta_dot, 0.3, 1e-12);
  EXPECT_NEAR(state.theta, kPi + 0.015, 1e-12);
}

TEST(Pendulum, CostWrapsTheAngleAndUsesTheOldState) {
  // 3π/2 is −π/2 from upright; 0.1 θ̇² = 0.1
  const Pendulum sim;
  Pendulum::State state{.theta = 1.5 * kPi, .theta_dot = 1, .torque = 0};
  EXPECT_NEAR(push(sim, state, 0.0).reward, -(kPi * kPi / 4 + 0.1), 1e-12);
  state = {.theta = -1.5 * kPi, .theta_dot = 0, .torque = 0};
  EXPECT_NEAR(push(sim, state, 0.0).reward, -(kPi * kPi / 4), 1e-12);
}

TEST(Pendulum, TorqueAndSpeedAreClippedBeforeTheyAreUsed) {
  const Pendulum sim;
  Pendulum::State strong{.theta = 0.5, .theta_dot = 0, .torque = 0}, full = strong;
  EXPECT_EQ(push(sim, strong, 50.0).reward, push(sim, full, 2.0).reward);
  EXPECT_EQ(strong.theta_dot, full.theta_dot);
  EXPECT_EQ(strong.torque, 2.0);

  Pendulum::State fast{.theta = kPi / 2, .theta_dot = 8, .torque = 0};
  push(sim, fast, 2.0);
  EXPECT_EQ(fast.theta_dot, 8.0);
  EXPECT_NEAR(fast.theta, kPi / 2 + 0.4, 1e-12);
}

TEST(Pendulum, GymnasiumsDocumentedNumbers) {
  const EnvPtr env = make("Pendulum-v1");
  const Array reset = env->reset(42).observation.as_array();
  EXPECT_NEAR(reset.get(0), -0.14995256, 1e-7);
  EXPECT_NEAR(reset.get(1), 0.9886932, 1e-7);
  EXPECT_NEAR(reset.get(2), -0.12224312, 1e-7);
  const Array next = env->step(Array::of({-0.6f})).observation.as_array();
  EXPECT_NEAR(next.get(0), -0.17606162, 1e-7);
  EXPECT_NEAR(next.get(2), 0.5292768, 1e-7);
  const Array bounded = env->reset(123, {{"x_init", kPi / 2}, {"y_init", 0.5}}).observation.as_array();
  EXPECT_NEAR(bounded.get(0), 0.8403459, 1e-7);
  EXPECT_NEAR(bounded.get(2), -0.44617897, 1e-7);
}

TEST(Pendulum, GravityPulls) {
  Pendulum moon;
  moon.config.g = 1.6;
  Pendulum::State state{.theta = kPi / 2, .theta_dot = 0, .torque = 0};
  push(moon, state, 0.0);
  EXPECT_NEAR(state.theta_dot, 1.5 * 1.6 * 0.05, 1e-12);
}

TEST(Pendulum, RejectsInvalidInput) {
  EXPECT_THROW(make("Pendulum-v1", {{"m", 0}}), InvalidArgument);
  EXPECT_THROW(make("Pendulum-v1", {{"gravity", 9.8}}), UnknownField);
  const EnvPtr env = make("Pendulum-v1");
  EXPECT_THROW(env->reset(0, {{"low", 0.1}}), InvalidArgument);
  EXPECT_THROW(env->reset(0, {{"x_init", "far"}}), InvalidArgument);
  EXPECT_THROW(env->reset(0, {{"y_init", -1.0}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(Array::of({INFINITY})), InvalidAction);
}

TEST(Pendulum, DrawsTheRodAndTheTorque) {
  const Pendulum sim;
  // a quarter turn counter-clockwise from upright points left
  Scene scene = sim.draw({.theta = kPi / 2, .theta_dot = 0, .torque = 0});
  ASSERT_EQ(scene.items.size(), 4u);  // rod, its two ends, axle
  const Point end = std::get<Circle>(scene.items[2]).center;
  EXPECT_NEAR(end.x, -1.0, 1e-12);
  EXPECT_NEAR(end.y, 0.0, 1e-12);

  // the arrow's radius is half the rod at full torque, and it turns with the torque's sign
  for (const double torque : {2.0, -2.0}) {
    scene = sim.draw({.theta = 0, .theta_dot = 0, .torque = torque});
    ASSERT_EQ(scene.items.size(), 6u);
    const auto& arc = std::get<Polyline>(scene.items[3]);
    const Point first = arc.points[0], second = arc.points[1];
    EXPECT_NEAR(std::hypot(first.x, first.y), 0.5, 1e-12);
    EXPECT_GT((first.x * second.y - first.y * second.x) * torque, 0);
  }
}

}  // namespace
}  // namespace ludus::envs
