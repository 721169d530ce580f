/// @file
/// Revolute joints with a motor and a limit between one body, the hub, and others: Box2D 2.3's revolute joint and its
/// solver of sequential impulses, bit-identical.
///
/// Source: E. Catto, "Iterative Dynamics with Temporal Coherence" (2005); the behaviour is that of Box2D 2.3.0's
/// b2RevoluteJoint and b2Island. No forces act but those of the arguments: no gravity, no collisions.
#pragma once

#include <cstdint>
#include <span>

#include "envs/box2d/rigid_body.h"

namespace ludus::envs {

struct RevoluteJointConfig {
  float lower = 0, upper = 0;  ///< limits of the angle, rad
  float max_motor_torque = 0;  ///< N m
};

struct RevoluteJoint {
  enum Limit : std::uint8_t { kFree, kAtLower, kAtUpper };

  Vec2f anchor;             ///< in the hub's frame, m; in the other's frame it is the origin
  float motor_speed = 0;    ///< target speed of the angle, rad/s
  Vec2f impulse;            ///< of the anchor in the last step, N s; warm-starts the next
  float limit_impulse = 0;  ///< N m s
  float motor_impulse = 0;  ///< N m s
  std::uint8_t limit = kFree;
};

/// Returns the angle of the joint, rad.
inline float joint_angle(const RigidBody& hub, const RigidBody& other) {
  return other.angle - hub.angle;
}

struct JointSolver {
  float dt = 0.02f;  ///< s
  int velocity_iterations = 180;
  int position_iterations = 60;
};

/// A body with its joint to the hub.
struct JointedBody {
  RigidBody body;
  RevoluteJoint joint;
};

/// Moves the hub and the bodies jointed to it by one step. `forces` (N) act on the centres of the jointed bodies. The
/// last joint is solved first. Bodies that have hardly moved for half a second come to rest.
void advance(RigidBody& hub, const MassProperties& hub_mass, std::span<JointedBody> jointed,
             const MassProperties& jointed_mass, const RevoluteJointConfig& config, std::span<const Vec2f> forces,
             const JointSolver& solver);

}  // namespace ludus::envs
