#include "envs/box2d/bipedal_walker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

using State = BipedalWalker::State;

TEST(BipedalWalker, MassesByHand) {
  // the hull, in pixels: a trapezium over a trapezium; shoelace: area 976 px², 5 kg/m² · 976 / 900 = 5.4222 kg;
  // a thigh 8 · 34 / 900 = 0.3022 kg, a shank 6.4 · 34 / 900 = 0.2418 kg
  const BipedalWalker sim;
  Generator generator(0);
  const State state = sim.reset(generator, {});
  EXPECT_NEAR(state.world.mass(state.hull()).mass, 5 * 976.0 / 900, 1e-5);
  EXPECT_NEAR(state.world.mass(state.hull() + 1).mass, 272.0 / 900, 1e-6);
  EXPECT_NEAR(state.world.mass(state.first_foot()).mass, 0.8 * 272.0 / 900, 1e-6);
}

TEST(BipedalWalker, RewardIsForwardMotionLessTiltAndTorque) {
  const BipedalWalker sim;
  Generator generator(0);
  State state = sim.reset(generator, {});
  const auto potential = [&] {
    const BodyState hull = state.world.body(state.hull());
    return 130 * static_cast<double>(hull.position.x) / 30 - 5 * std::abs(static_cast<double>(hull.angle));
  };
  // torques |0.5|, |−1|, 1 (clipped) and 0: 0.028 · 2.5
  const double before = potential();
  const std::vector<double> action{0.5, -1, 3, 0};
  const Transition transition = sim.step(state, std::span<const double>(action), generator);
  EXPECT_NEAR(transition.reward, potential() - before - 0.07, 1e-12);

  // a float32 action makes the reward a float32, as NumPy 2 has it
  const std::vector<float> single{0.5f, -1, 1, 0};
  const double reward = sim.step(state, std::span<const float>(single), generator).reward;
  EXPECT_EQ(reward, static_cast<double>(static_cast<float>(reward)));
}

TEST(BipedalWalker, MotorsTurnTheWayOfTheActionWithItsStrength) {
  const BipedalWalker sim;
  const auto hip_speed = [&](double effort) {
    Generator generator(0);
    State state = sim.reset(generator, {});
    std::vector<double> action{effort, 0, 0, 0};
    for (int i = 0; i < 6; ++i) sim.step(state, std::span<const double>(action), generator);
    return static_cast<double>(state.world.joint(0).speed);
  };
  EXPECT_NEAR(hip_speed(1), 4, 0.3);    // rad/s, the hip's speed
  EXPECT_NEAR(hip_speed(-1), -4, 0.3);  //
  EXPECT_LT(hip_speed(0.01), 3.5);      // too weak to reach it
}

TEST(BipedalWalker, LidarMeasuresLevelGround) {
  // over the level start the ray at angle a meets the ground after h / cos a; its length is 16/3 m
  const BipedalWalker sim;
  Generator generator(0);
  const State state = sim.reset(generator, {});
  std::vector<float> o(24);
  sim.observe(state, o);
  const double h = static_cast<double>(state.world.body(state.hull()).position.y) - 10.0 / 3;
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(o[14 + i], std::min(1.0, h / std::cos(0.15 * static_cast<double>(i)) / (16.0 / 3)), 0.005) << i;
  }
}

TEST(BipedalWalker, FallsAndReachesTheGoal) {
  const EnvPtr env = make("BipedalWalker-v3");
  env->reset(0);
  Step step;
  int steps = 0;
  do {
    step = env->step(Array::of({0.0f, 0.0f, 0.0f, 0.0f}));
  } while (!step.terminated && ++steps < 300);
  EXPECT_TRUE(step.terminated);
  EXPECT_EQ(step.reward, -100);

  // carried over the last ten steps of the ground, at x > 190 · 14/30, it has arrived; the reward stays
  const BipedalWalker sim;
  Generator generator(0);
  State state = sim.reset(generator, {});
  const std::vector<double> rest(4);
  Transition transition;
  for (steps = 0; !transition.terminated && steps < 400; ++steps) {
    for (std::size_t part = 0; part < 5; ++part) {
      const BodyState body = state.world.body(state.hull() + part);
      const float mass = state.world.mass(state.hull() + part).mass;
      state.world.apply_impulse(
          state.hull() + part, {mass * (30 - body.linear_velocity.x), mass * (1 - body.linear_velocity.y)},
          state.world.to_world(state.hull() + part, state.world.mass(state.hull() + part).center));
    }
    transition = sim.step(state, std::span<const double>(rest), generator);
  }
  EXPECT_TRUE(transition.terminated);
  EXPECT_GT(transition.reward, 0);
  EXPECT_GT(state.world.body(state.hull()).position.x, 190 * 14.0f / 30);
}

TEST(BipedalTerrain, GrassIsLevelAtTheStartAndNeverSteep) {
  Generator generator(5);
  const BipedalTerrain terrain = BipedalTerrain::draw(false, generator);
  EXPECT_TRUE(terrain.obstacles.empty());
  EXPECT_EQ(terrain.clouds.size(), 10u);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(terrain.heights[i], BipedalTerrain::kHeight) << i;
  double low = 1e9, high = -1e9;
  for (const double y : terrain.heights) low = std::min(low, y), high = std::max(high, y);
  EXPECT_GT(low, 1.0);
  EXPECT_LT(high, 6.0);
  EXPECT_GT(high - low, 0.05);
}

// Over many seeds the obstacles are what they should be: stumps are squares of one or two steps, stairs come in three
// or four treads of four steps, pits in pairs of walls four steps deep.
TEST(BipedalTerrain, ObstaclesAreStumpsStairsAndPits) {
  int stumps = 0, treads = 0, walls = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Generator generator(seed);
    const BipedalTerrain terrain = BipedalTerrain::draw(true, generator);
    for (const BipedalTerrain::Quad& q : terrain.obstacles) {
      const double width = (q[1].x - q[0].x) / BipedalTerrain::kStep,
                   height = (q[2].y - q[1].y) / BipedalTerrain::kStep;
      EXPECT_EQ(q[0].y, q[1].y);
      EXPECT_EQ(q[2].y, q[3].y);
      if (height > 0) {
        EXPECT_NEAR(width, height, 1e-9);
        EXPECT_TRUE(std::abs(width - 1) < 1e-9 || std::abs(width - 2) < 1e-9);
        ++stumps;
      } else if (height > -2) {
        EXPECT_NEAR(height, -1, 1e-9);
        EXPECT_NEAR(width, 4, 1e-9);
        ++treads;
      } else {
        EXPECT_NEAR(height, -4, 1e-9);
        EXPECT_NEAR(width, 1, 1e-9);
        ++walls;
      }
    }
  }
  EXPECT_GT(stumps, 500);
  EXPECT_GT(treads, 1500);
  EXPECT_GT(walls, 1000);
  EXPECT_EQ(walls % 2, 0);
}

TEST(BipedalWalker, RejectsInvalidInput) {
  EXPECT_THROW(make("BipedalWalker-v3", {{"hard", true}}), UnknownField);
  const EnvPtr env = make("BipedalWalker-v3");
  env->reset(0);
  EXPECT_THROW(env->step(Array::of({0.0f, 0.0f})), InvalidAction);
  EXPECT_THROW(env->step(Array::of({0.0f, 0.0f, NAN, 0.0f})), InvalidAction);
  EXPECT_GT(make("BipedalWalkerHardcore-v3")->reset(0).observation.as_array().size(), 0u);
}

TEST(BipedalWalker, SceneFollowsTheWalker) {
  const BipedalWalker sim;
  Generator generator(0);
  const State state = sim.reset(generator, {});
  const Scene scene = sim.draw(state);
  EXPECT_NEAR(scene.low.x, static_cast<double>(state.world.body(state.hull()).position.x) - 4, 1e-9);
  EXPECT_NEAR(scene.high.x - scene.low.x, 20, 1e-9);
  EXPECT_EQ(scene.background, (Color{215, 215, 255, 255}));
}

}  // namespace
}  // namespace ludus::envs
