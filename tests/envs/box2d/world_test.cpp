#include "envs/box2d/world.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace ludus::envs {
namespace {

constexpr std::size_t kGround = 0, kBox = 1, kArm = 2;

std::vector<Vec2> square(float half) {
  return {{-half, -half}, {half, -half}, {half, half}, {-half, half}};
}

// A box of 1 m and 2 kg above the ground at height 0, its centre at `height`, and an arm jointed to its right side.
WorldDef box_above_ground(float height, bool with_arm = false) {
  WorldDef def{.gravity = {0, -10}};
  def.bodies.push_back({.fixtures = {{.points = {{-10, 0}, {10, 0}}, .friction = 0.5f}}});
  def.bodies.push_back({.dynamic = true,
                        .position = {0, height},
                        .fixtures = {{.points = square(0.5f), .density = 2, .friction = 0.5f, .category = 2}}});
  if (with_arm) {
    def.bodies.push_back({.dynamic = true,
                          .position = {1, height},
                          .fixtures = {{.points = {{-0.5f, -0.1f}, {0.5f, -0.1f}, {0.5f, 0.1f}, {-0.5f, 0.1f}},
                                        .density = 1,
                                        .category = 2,
                                        .collides_with = 1}}});
    def.joints.push_back({.body_a = kBox,
                          .body_b = kArm,
                          .anchor_a = {0.5f, 0},
                          .anchor_b = {-0.5f, 0},
                          .lower_angle = -0.5f,
                          .upper_angle = 0.5f,
                          .max_motor_torque = 100});
  }
  return def;
}

// Every number of the bodies' motion, as bits.
std::vector<std::uint32_t> motion(const World& world) {
  std::vector<std::uint32_t> bits;
  for (std::size_t i = 0; i < world.def().bodies.size(); ++i) {
    const BodyState body = world.body(i);
    for (const float number : {body.position.x, body.position.y, body.angle, body.linear_velocity.x,
                               body.linear_velocity.y, body.angular_velocity}) {
      bits.push_back(std::bit_cast<std::uint32_t>(number));
    }
  }
  return bits;
}

// Pushes of all kinds, different from step to step.
void push(World& world, int t) {
  const auto x = static_cast<float>(std::sin(0.7 * t));
  if (t % 3 == 0) world.apply_impulse(kBox, {x, 0.5f}, {world.body(kBox).position.x + 0.3f, 1});
  if (t % 5 == 0) world.apply_torque(kBox, 4 * x);
  if (t % 7 == 0) world.apply_force(kBox, {20 * x, 0});
  if (!world.def().joints.empty()) world.set_motor(0, 6 * x, 50 * std::abs(x));
  world.step();
}

TEST(World, FallsBySemiImplicitEuler) {
  // v ← v + g h, y ← y + v h with h = 0.02: after n steps v = −0.2 n, y = 50 − 0.004 n (n + 1) / 2
  World world(box_above_ground(50));
  for (int n = 1; n <= 20; ++n) {
    world.step();
    EXPECT_NEAR(world.body(kBox).linear_velocity.y, -0.2 * n, 1e-5);
    EXPECT_NEAR(world.body(kBox).position.y, 50 - 0.002 * n * (n + 1), 1e-4);
  }
  EXPECT_EQ(world.steps(), 20u);
}

TEST(World, MassesAndForcesByHand) {
  // 1 m² of 2 kg/m²: 2 kg; a square's moment is m a² / 6 = 1/3
  World world(box_above_ground(50));
  EXPECT_FLOAT_EQ(world.mass(kBox).mass, 2);
  EXPECT_FLOAT_EQ(world.mass(kBox).inertia, 1.0f / 3);
  EXPECT_FLOAT_EQ(world.mass(kBox).center.x, 0);

  // 3 N s at 0.5 m beside the centre: 1.5 m/s upward, and 1.5 N m s / (1/3 kg m²) = 4.5 rad/s
  world.apply_impulse(kBox, {0, 3}, {0.5f, 50});
  EXPECT_FLOAT_EQ(world.body(kBox).linear_velocity.y, 1.5f);
  EXPECT_FLOAT_EQ(world.body(kBox).angular_velocity, 4.5f);

  // 100 N for 0.02 s: 1 m/s; 10 N m: 0.6 rad/s
  World pushed(box_above_ground(50));
  pushed.apply_force(kBox, {100, 0});
  pushed.apply_torque(kBox, 10);
  pushed.step();
  EXPECT_FLOAT_EQ(pushed.body(kBox).linear_velocity.x, 1);
  EXPECT_FLOAT_EQ(pushed.body(kBox).angular_velocity, 0.6f);
}

TEST(World, ReportsContactsAndRest) {
  World world(box_above_ground(0.6f));
  bool touched = false;
  int steps = 0;
  while (world.body(kBox).awake && steps < 200) {
    for (const ContactEvent& touch : world.step()) {
      EXPECT_EQ(touch.body_a, kGround);
      EXPECT_EQ(touch.body_b, kBox);
      EXPECT_TRUE(touch.begins);
      touched = true;
    }
    ++steps;
  }
  EXPECT_TRUE(touched);
  EXPECT_LT(steps, 100);  // at rest for half a second, 25 steps, after a fall of some 7
  EXPECT_NEAR(world.body(kBox).position.y, 0.5, 0.02);

  // thrown up again, it leaves the ground
  world.apply_impulse(kBox, {0, 10}, world.body(kBox).position);
  bool left = false;
  for (int i = 0; i < 5; ++i) {
    for (const ContactEvent& touch : world.step()) left = left || !touch.begins;
  }
  EXPECT_TRUE(left);
}

TEST(World, RaysHitTheNearestOfTheirCategories) {
  const World world(box_above_ground(2));
  // from 4 m down to -4: the box's top at 2.5 after 1.5 / 8, the ground at 0 after 4 / 8
  EXPECT_NEAR(world.cast_ray({0, 4}, {0, -4}, 2), 1.5 / 8, 1e-6);
  EXPECT_NEAR(world.cast_ray({0, 4}, {0, -4}, 1), 0.5, 1e-6);
  EXPECT_NEAR(world.cast_ray({0, 4}, {0, -4}, 3), 1.5 / 8, 1e-6);
  EXPECT_EQ(world.cast_ray({0, 4}, {0, 8}, 3), 1);
  EXPECT_EQ(world.cast_ray({0, 4}, {0, -4}, 4), 1);
}

TEST(World, JointsReachMotorSpeedAndStopAtLimits) {
  // without gravity the box, held by nothing, and the arm turn against each other at 2 rad/s: 0.04 rad a step
  WorldDef def = box_above_ground(50, true);
  def.gravity = {};
  World world(def);
  world.set_motor(0, 2, 100);
  for (int i = 0; i < 10; ++i) world.step();
  EXPECT_NEAR(world.joint(0).speed, 2, 0.01);
  EXPECT_NEAR(world.joint(0).angle, 0.4, 0.01);
  // the limit at 0.5 may be passed by one step's turn, not by more
  for (int i = 0; i < 50; ++i) world.step();
  EXPECT_NEAR(world.joint(0).speed, 0, 0.01);
  EXPECT_GE(world.joint(0).angle, 0.49);
  EXPECT_LE(world.joint(0).angle, 0.545);
}

TEST(World, CopyContinuesIdentically) {
  World world(box_above_ground(1.5f, true));
  for (int t = 0; t < 150; ++t) {
    push(world, t);
    if (t % 37 != 5) continue;
    World copy = world;
    World restored = World::restore(world.save());
    World original = world;  // so that `world` itself is not moved on
    ASSERT_EQ(motion(copy), motion(world));
    for (int k = t + 1; k < t + 60; ++k) {
      push(original, k);
      push(copy, k);
      push(restored, k);
      ASSERT_EQ(motion(copy), motion(original)) << "after " << t << " steps and " << k - t << " more";
      ASSERT_EQ(motion(restored), motion(original)) << "after " << t << " steps and " << k - t << " more";
    }
  }
  EXPECT_EQ(World(world).steps(), 150u);
  EXPECT_TRUE(World::restore(world.save()).save() == world.save());
}

TEST(World, RejectsInvalidDefinitions) {
  const auto with_points = [](std::vector<Vec2> points) {
    WorldDef def = box_above_ground(2);
    def.bodies[kBox].fixtures[0].points = std::move(points);
    return def;
  };
  EXPECT_THROW(World{with_points({})}, InvalidArgument);
  EXPECT_THROW(World{with_points({{0, 0}})}, InvalidArgument);
  EXPECT_THROW(World{with_points({{0, 0}, {0, 0}})}, InvalidArgument);                  // no edge
  EXPECT_THROW(World{with_points({{0, 0}, {1, 0}, {2, 0}})}, InvalidArgument);          // no area
  EXPECT_THROW(World{with_points({{0, 0}, {1, 1}, {1, 0}, {0, 1}})}, InvalidArgument);  // a bow tie
  EXPECT_THROW(World{with_points({{0, 0}, {1, 0}, {NAN, 1}})}, InvalidArgument);
  EXPECT_THROW(World{with_points(std::vector<Vec2>(9, Vec2{}))}, InvalidArgument);  // too many
  WorldDef def = box_above_ground(2, true);
  def.joints[0].body_b = 7;
  EXPECT_THROW(World{def}, InvalidArgument);
  def = box_above_ground(2, true);
  std::swap(def.joints[0].lower_angle, def.joints[0].upper_angle);
  EXPECT_THROW(World{def}, InvalidArgument);
  def = box_above_ground(2);
  def.velocity_iterations = 0;
  EXPECT_THROW(World{def}, InvalidArgument);

  World world(box_above_ground(2, true));
  EXPECT_THROW(world.apply_force(kBox, {std::numeric_limits<float>::infinity(), 0}), InvalidArgument);
  EXPECT_THROW(world.apply_torque(kBox, 2e9f), InvalidArgument);
  EXPECT_THROW(world.apply_force(3, {1, 0}), InvalidArgument);
  EXPECT_THROW(world.set_motor(1, 1, 1), InvalidArgument);
  EXPECT_THROW(world.set_motor(0, 1, -1), InvalidArgument);
}

// Whatever number of a saved world is changed, restoring gives a world or an error, never a crash.
TEST(World, RestoresOrRejectsDamagedStates) {
  World world(box_above_ground(1.5f, true));
  for (int t = 0; t < 12; ++t) push(world, t);
  const Value saved = world.save();
  int refused = 0;
  for (const auto& [name, part] : saved.as_dict()) {
    for (std::size_t i = 0; i < part.as_array().size(); ++i) {
      for (const double number : {-1.0, 0.5, 3.0, 1e30, double{NAN}}) {
        Value damaged = saved;
        damaged.as_dict()[name].as_array().set(i, number);
        try {
          World(World::restore(damaged)).step();
        } catch (const InputError&) {
          ++refused;
        }
      }
    }
    Value without = saved;
    without.as_dict().erase(name);
    EXPECT_THROW(World::restore(without), InputError);
    Value reshaped = saved;
    reshaped.as_dict()[name] = Array(DType::kFloat32, Shape{1, 5});
    EXPECT_THROW(World::restore(reshaped), InputError);
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace ludus::envs
