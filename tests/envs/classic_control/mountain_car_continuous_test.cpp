#include "envs/classic_control/mountain_car_continuous.h"

#include <gtest/gtest.h>

#include <cmath>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

Transition push(const MountainCarContinuous& sim, MountainCarContinuous::State& state, float force) {
  Generator unused(0);
  return sim.step(state, std::span<const float>(&force, 1), unused);
}

TEST(MountainCarContinuous, FirstStepByHand) {
  // from rest at −0.5 with force 0.5: v = 0.5 · 0.0015 − 0.0025 cos(−1.5) = 0.00075 − 0.000176843 = 0.000573157
  const MountainCarContinuous sim;
  MountainCarContinuous::State state{.position = -0.5, .velocity = 0, .double_precision = true};
  const Transition transition = push(sim, state, 0.5f);
  EXPECT_NEAR(state.velocity, 0.000573157, 1e-8);
  EXPECT_NEAR(state.position, -0.499426843, 1e-7);
  EXPECT_EQ(transition.reward, -0.025);
  EXPECT_FALSE(transition.terminated);
}

TEST(MountainCarContinuous, StateIsFloat32AfterTheFirstStep) {
  const MountainCarContinuous sim;
  Generator generator(7);
  MountainCarContinuous::State state = sim.reset(generator, {});
  EXPECT_NE(state.position, static_cast<double>(static_cast<float>(state.position)));
  push(sim, state, 0.3f);
  EXPECT_FALSE(state.double_precision);
  EXPECT_EQ(state.position, static_cast<double>(static_cast<float>(state.position)));
  EXPECT_EQ(state.velocity, static_cast<double>(static_cast<float>(state.velocity)));
}

TEST(MountainCarContinuous, ForceIsClippedButItsCostIsNot) {
  const MountainCarContinuous sim;
  MountainCarContinuous::State clipped{.position = -0.5, .velocity = 0, .double_precision = true}, full = clipped;
  EXPECT_NEAR(push(sim, clipped, 3.0f).reward, -0.9, 1e-15);
  EXPECT_NEAR(push(sim, full, 1.0f).reward, -0.1, 1e-15);
  EXPECT_NEAR(clipped.velocity, full.velocity, 1e-9);
}

TEST(MountainCarContinuous, GoalPays100LessTheCost) {
  const MountainCarContinuous sim;
  MountainCarContinuous::State state{.position = 0.44, .velocity = 0.05, .double_precision = true};
  const Transition arrival = push(sim, state, 1.0f);
  EXPECT_TRUE(arrival.terminated);
  EXPECT_NEAR(arrival.reward, 99.9, 1e-12);
}

TEST(MountainCarContinuous, ActionPrecisionMatters) {
  const EnvPtr single = make("MountainCarContinuous-v0"), wide = make("MountainCarContinuous-v0");
  single->reset(1), wide->reset(1);
  bool differ = false;
  for (int t = 0; t < 50; ++t) {
    const float force = 0.1f * static_cast<float>(t % 7) - 0.25f;
    const Step a = single->step(Array::of({force})), b = wide->step(Array::of({static_cast<double>(force)}));
    EXPECT_NEAR(a.observation.as_array().get(0), b.observation.as_array().get(0), 1e-5);
    differ = differ || !(a.observation == b.observation);
  }
  EXPECT_TRUE(differ);
}

TEST(MountainCarContinuous, RejectsInvalidInput) {
  EXPECT_THROW(make("MountainCarContinuous-v0", {{"min_action", 2}}), InvalidArgument);
  EXPECT_THROW(make("MountainCarContinuous-v0", {{"max_speed", -1}}), InvalidArgument);
  EXPECT_THROW(make("MountainCarContinuous-v0", {{"force", 1}}), UnknownField);
  const EnvPtr env = make("MountainCarContinuous-v0");
  EXPECT_THROW(env->reset(0, {{"high", -1}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(1), InvalidAction);
  EXPECT_THROW(env->step(Array::of({0.0f, 0.0f})), InvalidAction);
  EXPECT_THROW(env->step(Array::of({std::nanf("")})), InvalidAction);
}

}  // namespace
}  // namespace ludus::envs
