#include "envs/classic_control/acrobot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

constexpr double kPi = std::numbers::pi;

TEST(Acrobot, AccelerationFromRestByHand) {
  // hanging at rest, torque 1: d1 = 0.25 + 2.25 + 2 = 4.5, d2 = 0.75 + 1 = 1.75, φ1 = φ2 = 0, so
  // θ̈2 = 1 / (1.25 − 1.75² / 4.5) = 1.756098 and θ̈1 = −1.75 θ̈2 / 4.5 = −0.682927; over a short step speeds are those
  // times dt
  Acrobot sim;
  sim.config.dt = 1e-4;
  Generator unused(0);
  Acrobot::State state{};
  const Transition transition = sim.step(state, 2, unused);
  EXPECT_NEAR(state.theta2_dot / 1e-4, 1.756098, 1e-5);
  EXPECT_NEAR(state.theta1_dot / 1e-4, -0.682927, 1e-5);
  EXPECT_EQ(transition.reward, -1.0);
  EXPECT_FALSE(transition.terminated);
}

TEST(Acrobot, NipsEquationLacksATerm) {
  // θ1 = 0, θ2 = π/2, θ̇1 = 1: d1 = 3.5, d2 = 1.25; the book takes 0.5 θ̇1² sin θ2 / (1.25 − 1.25² / 3.5) = 0.622222
  // from θ̈2
  Acrobot book, nips;
  book.config.dt = nips.config.dt = 1e-5;
  nips.config.book_or_nips = "nips";
  Generator unused(0);
  Acrobot::State a{.theta1 = 0, .theta2 = kPi / 2, .theta1_dot = 1, .theta2_dot = 0, .single_precision = false}, b = a;
  book.step(a, 1, unused);
  nips.step(b, 1, unused);
  EXPECT_NEAR((b.theta2_dot - a.theta2_dot) / 1e-5, 0.622222, 1e-4);
}

TEST(Acrobot, RungeKuttaIsOfFourthOrder) {
  // halving the step divides the error by about 2^4
  const auto after = [](int steps) {
    Acrobot sim;
    sim.config.dt = 0.2 / steps;
    Generator unused(0);
    Acrobot::State state{
        .theta1 = 0.5, .theta2 = -0.4, .theta1_dot = 0.3, .theta2_dot = 0.2, .single_precision = false};
    for (int i = 0; i < steps; ++i) sim.step(state, 2, unused);
    return state.theta2_dot;
  };
  const double exact = after(256);
  const double ratio = std::abs(after(4) - exact) / std::abs(after(8) - exact);
  EXPECT_GT(ratio, 12);
  EXPECT_LT(ratio, 20);
}

TEST(Acrobot, TerminatesAboveTheLineWithoutCost) {
  const Acrobot sim;
  Generator unused(0);
  Acrobot::State upright{.theta1 = kPi, .theta2 = 0, .theta1_dot = 0, .theta2_dot = 0, .single_precision = false};
  const Transition end = sim.step(upright, 1, unused);
  EXPECT_TRUE(end.terminated);
  EXPECT_EQ(end.reward, 0.0);
}

TEST(Acrobot, AnglesWrapAndSpeedsAreBounded) {
  const Acrobot sim;
  Generator unused(0);
  Acrobot::State state{.theta1 = 3.1, .theta2 = -3.1, .theta1_dot = 12, .theta2_dot = -28, .single_precision = false};
  for (int i = 0; i < 50; ++i) {
    sim.step(state, i % 3, unused);
    EXPECT_LE(std::abs(state.theta1), kPi);
    EXPECT_LE(std::abs(state.theta2), kPi);
    EXPECT_LE(std::abs(state.theta1_dot), 4 * kPi);
    EXPECT_LE(std::abs(state.theta2_dot), 9 * kPi);
  }
  // an absurd first state neither hangs nor leaves the range
  const EnvPtr env = make("Acrobot-v1");
  env->reset(0, {{"low", 1e30}, {"high", 1e30}});
  env->step(0);
}

TEST(Acrobot, DrawsNoiseOnlyIfEnabled) {
  Acrobot sim;
  Generator generator(3);
  const Generator before = generator;
  Acrobot::State calm{}, noisy{};
  sim.step(calm, 2, generator);
  EXPECT_EQ(generator, before);
  sim.config.torque_noise_max = 0.5;
  sim.step(noisy, 2, generator);
  EXPECT_FALSE(generator == before);
  EXPECT_NE(noisy.theta2_dot, calm.theta2_dot);
}

TEST(Acrobot, RejectsInvalidInput) {
  EXPECT_THROW(make("Acrobot-v1", {{"book_or_nips", "paper"}}), InvalidArgument);
  EXPECT_THROW(make("Acrobot-v1", {{"torque_noise_max", -1}}), InvalidArgument);
  EXPECT_THROW(make("Acrobot-v1", {{"LINK_MASS_1", 0}}), InvalidArgument);
  EXPECT_THROW(make("Acrobot-v1", {{"link_mass", 1}}), UnknownField);
  const EnvPtr env = make("Acrobot-v1");
  env->reset(0);
  EXPECT_THROW(env->set_attribute("book_or_nips", "nip"), InvalidArgument);
  env->set_attribute("book_or_nips", "nips");
  EXPECT_EQ(env->attribute("book_or_nips").as_string(), "nips");
  EXPECT_THROW(env->step(3), InvalidAction);
}

TEST(Acrobot, DrawsTheLinks) {
  const Acrobot sim;
  // the upper link level to the right, the lower one hanging from it
  const Scene scene =
      sim.draw({.theta1 = kPi / 2, .theta2 = -kPi / 2, .theta1_dot = 0, .theta2_dot = 0, .single_precision = false});
  ASSERT_EQ(scene.items.size(), 5u);  // line, and link and joint twice
  EXPECT_EQ(std::get<Polyline>(scene.items[0]).points[0].y, 1.0);
  const Point joint = std::get<Circle>(scene.items[4]).center;
  EXPECT_NEAR(joint.x, 1.0, 1e-12);
  EXPECT_NEAR(joint.y, 0.0, 1e-12);
  const auto& lower = std::get<Polygon>(scene.items[3]).points;
  EXPECT_NEAR((lower[2].x + lower[3].x) / 2, 1.0, 1e-12);
  EXPECT_NEAR((lower[2].y + lower[3].y) / 2, -1.0, 1e-12);
}

}  // namespace
}  // namespace ludus::envs
