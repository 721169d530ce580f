#include "envs/box2d/revolute_joint.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace ludus::envs {
namespace {

// A hub of 4 kg and 4 kg m² about its origin, and one arm of 1 kg and 1 kg m² jointed at (2, 0) of the hub.
constexpr MassProperties kHub{4, {0, 0}, 4, 0.25f, 0.25f};
constexpr MassProperties kArm{1, {0, 0}, 1, 1, 1};

struct Pair {
  RigidBody hub = RigidBody::at({0, 0}, 0, kHub);
  std::array<JointedBody, 1> arm{};

  Pair() {
    arm[0].body = RigidBody::at({2, 0}, 0, kArm);
    arm[0].joint.anchor = {2, 0};
  }
  void step(Vec2f force, const RevoluteJointConfig& config, int steps = 1) {
    for (int i = 0; i < steps; ++i) advance(hub, kHub, arm, kArm, config, std::array{force}, {});
  }
  float angle() const { return joint_angle(hub, arm[0].body); }
  double gap() const {
    const Vec2f end = hub.to_world(Vec2f{2, 0});
    return std::hypot(end.x - arm[0].body.origin.x, end.y - arm[0].body.origin.y);
  }
};

TEST(RevoluteJoint, PushAcrossTheHubTurnsIt) {
  // 10 N upward at the anchor for 0.02 s: 0.2 N s. The hub feels them at 2 m from its centre as the force R that is
  // left after the arm's own inertia. With the joint free (no motor torque) the arm does not turn, and
  //   v_arm = (0.2 − R), v_hub = R / 4, ω = 2 R / 4, v_arm = v_hub + 2 ω  gives  R = 0.2 / (1 + 1/4 + 1) = 0.088889.
  Pair pair;
  pair.step({0, 10}, {-1, 1, 0});
  const float r = 0.2f / 2.25f;
  EXPECT_NEAR(pair.hub.velocity.y, r / 4, 1e-6);
  EXPECT_NEAR(pair.hub.spin, r / 2, 1e-6);
  EXPECT_NEAR(pair.arm[0].body.velocity.y, 0.2f - r, 1e-6);
  EXPECT_NEAR(pair.arm[0].body.spin, 0, 1e-6);
  EXPECT_NEAR(pair.arm[0].joint.impulse.y, -r, 1e-6);  // on the arm, as it holds it back
  EXPECT_NEAR(pair.arm[0].body.center.y, 0.02 * (0.2 - r), 1e-5);
}

TEST(RevoluteJoint, MotorReachesItsSpeedOrItsTorque) {
  // the inverse inertias about the anchor are 1 of the arm and 1/4 of the hub, 1/(4 + 4·4/5) with the arm's mass: a
  // strong motor reaches 1 rad/s; one of 2 N m gives 0.04 N m s, the arm 0.04 rad/s
  Pair strong;
  strong.arm[0].joint.motor_speed = 1;
  strong.step({}, {-1, 1, 1000});
  EXPECT_NEAR(strong.arm[0].body.spin - strong.hub.spin, 1, 1e-5);

  Pair weak;
  weak.arm[0].joint.motor_speed = 1;
  weak.step({}, {-1, 1, 2});
  EXPECT_FLOAT_EQ(weak.arm[0].joint.motor_impulse, 0.04f);
  EXPECT_NEAR(weak.arm[0].body.spin, 0.04, 1e-6);
  // angular momentum about the origin is nothing: 4 ω_hub + 1 · ω_arm + 2 · v_arm = 0
  EXPECT_NEAR(4 * weak.hub.spin + weak.arm[0].body.spin + 2 * weak.arm[0].body.velocity.y, 0, 1e-6);
}

TEST(RevoluteJoint, LimitsStopTheAngleOnBothSides) {
  for (const float side : {1.0f, -1.0f}) {
    Pair pair;
    pair.arm[0].joint.motor_speed = 3 * side;
    float furthest = 0;
    for (int i = 0; i < 60; ++i) {
      pair.step({}, {-0.4f, 0.4f, 100});
      furthest = std::max(furthest, side * pair.angle());
    }
    // one step of 3 rad/s beyond the limit before it is felt, and then back to it but for the slop of 2°
    EXPECT_LE(furthest, 0.4f + 0.06f + 1e-4f);
    EXPECT_NEAR(side * pair.angle(), 0.4, 0.0350);
    EXPECT_EQ(pair.arm[0].joint.limit, side > 0 ? RevoluteJoint::kAtUpper : RevoluteJoint::kAtLower);
    EXPECT_LT(pair.gap(), 0.005 + 1e-5);
  }
}

TEST(RevoluteJoint, MomentumIsKeptAndForcesAddToIt) {
  Pair pair;
  pair.arm[0].joint.motor_speed = 2;
  pair.step({3, -2}, {-0.4f, 0.4f, 50}, 25);
  // 25 steps of 0.02 s: F t = (1.5, −1) N s
  EXPECT_NEAR(4 * pair.hub.velocity.x + pair.arm[0].body.velocity.x, 1.5, 1e-4);
  EXPECT_NEAR(4 * pair.hub.velocity.y + pair.arm[0].body.velocity.y, -1, 1e-4);
  EXPECT_LT(pair.gap(), 0.005 + 1e-5);
}

TEST(RevoluteJoint, CorrectsSeparatedAnchors) {
  Pair pair;
  pair.arm[0].body = RigidBody::at({2.5f, 0.3f}, 0, kArm);
  pair.step({}, {-1, 1, 0});
  EXPECT_LT(pair.gap(), 0.005);
  // positions are corrected, velocities are not made by it
  EXPECT_EQ(pair.hub.velocity, (Vec2f{0, 0}));
  // the common centre of mass stays: (4 · 0 + 1 · 2.5) / 5
  EXPECT_NEAR((4 * pair.hub.center.x + pair.arm[0].body.center.x) / 5, 0.5, 1e-5);
}

TEST(RevoluteJoint, SleepsAfterHalfASecondWithoutMotion) {
  Pair pair;
  pair.hub.velocity = pair.arm[0].body.velocity = {0.009f, 0};
  pair.step({}, {-1, 1, 0}, 24);
  EXPECT_GT(pair.hub.velocity.x, 0.008f);
  pair.step({}, {-1, 1, 0}, 2);  // 0.02 s, 25 times, is half a second but for its last bits
  EXPECT_EQ(pair.hub.velocity.x, 0);
  EXPECT_EQ(pair.arm[0].body.velocity.x, 0);
}

TEST(RevoluteJoint, SpeedIsLimitedTo2MetresAStep) {
  Pair pair;
  pair.hub.velocity = pair.arm[0].body.velocity = {0, 150};
  pair.step({}, {-1, 1, 0});
  EXPECT_NEAR(pair.hub.velocity.y, 100, 1e-3);
  EXPECT_NEAR(pair.hub.center.y, 2, 1e-4);
}

}  // namespace
}  // namespace ludus::envs
