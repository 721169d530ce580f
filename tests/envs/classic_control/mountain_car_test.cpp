#include "envs/classic_control/mountain_car.h"

#include <gtest/gtest.h>

#include <cmath>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

TEST(MountainCar, FirstStepByHand) {
  // from rest at −0.5, pushed right: v = 0.001 − 0.0025 cos(−1.5) = 0.001 − 0.0025 · 0.0707372017 = 0.000823157
  const MountainCar sim;
  Generator unused(0);
  MountainCar::State state{.position = -0.5, .velocity = 0};
  const Transition transition = sim.step(state, 2, unused);
  EXPECT_NEAR(state.velocity, 0.000823157, 1e-9);
  EXPECT_NEAR(state.position, -0.499176843, 1e-9);
  EXPECT_EQ(transition.reward, -1.0);
  EXPECT_FALSE(transition.terminated);
}

TEST(MountainCar, WallStopsTheCar) {
  const MountainCar sim;
  Generator unused(0);
  MountainCar::State state{.position = -1.19, .velocity = -0.05};
  sim.step(state, 0, unused);
  EXPECT_EQ(state.position, -1.2);
  EXPECT_EQ(state.velocity, 0.0);
}

TEST(MountainCar, SpeedAndPositionAreBounded) {
  const MountainCar sim;
  Generator unused(0);
  MountainCar::State state{.position = 0.59, .velocity = 0.07};
  sim.step(state, 2, unused);
  EXPECT_EQ(state.position, 0.6);
  EXPECT_EQ(state.velocity, 0.07);
}

TEST(MountainCar, TerminatesAtTheFlagAboveGoalVelocity) {
  // v = 0.03 − 0.0025 cos(1.47) = 0.03 − 0.0025 · 0.100626 = 0.029748; x = 0.49 + v lies beyond the flag at 0.5
  MountainCar sim;
  Generator unused(0);
  const MountainCar::State before{.position = 0.49, .velocity = 0.03};
  MountainCar::State state = before;
  EXPECT_TRUE(sim.step(state, 1, unused).terminated);
  EXPECT_NEAR(state.velocity, 0.029748, 1e-6);

  sim.config.goal_velocity = 0.03;
  state = before;
  EXPECT_FALSE(sim.step(state, 1, unused).terminated);
}

TEST(MountainCar, GymnasiumsDocumentedResets) {
  const EnvPtr env = make("MountainCar-v0");
  EXPECT_NEAR(env->reset(42).observation.as_array().get(0), -0.4452088, 1e-7);
  EXPECT_NEAR(env->reset(123, {{"low", -0.7}, {"high", 0.5}}).observation.as_array().get(0), 0.11882224, 1e-7);
}

TEST(MountainCar, AttributesChangeTheRulesButNotTheSpaces) {
  const EnvPtr env = make("MountainCar-v0");
  env->reset(0);
  env->set_attribute("goal_velocity", 0.05);
  EXPECT_EQ(env->attribute("goal_velocity").as_double(), 0.05);
  EXPECT_THROW(env->set_attribute("max_position", 2.0), InvalidArgument);
  EXPECT_EQ(env->attribute("max_position").as_double(), 0.6);
  EXPECT_THROW(env->set_attribute("goal", 0.05), UnknownField);
}

TEST(MountainCar, RejectsInvalidInput) {
  EXPECT_THROW(make("MountainCar-v0", {{"max_speed", 0}}), InvalidArgument);
  EXPECT_THROW(make("MountainCar-v0", {{"min_position", 1}}), InvalidArgument);
  EXPECT_THROW(make("MountainCar-v0", {{"goal_velocity", "fast"}}), InvalidArgument);
  const EnvPtr env = make("MountainCar-v0");
  EXPECT_THROW(env->reset(0, {{"low", 0.2}, {"high", 0.1}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(3), InvalidAction);
}

}  // namespace
}  // namespace ludus::envs
