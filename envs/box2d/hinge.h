// Hinges with a motor and a limit between one body, the hub, and others: Box2D 2.3's revolute joint and its solver
// of sequential impulses, to the last bit.
//
// Source: E. Catto, "Iterative Dynamics with Temporal Coherence" (2005); the behaviour is that of Box2D 2.3.0's
// b2RevoluteJoint and b2Island. Nothing else acts on the bodies but the given forces: no gravity, no collisions.
#pragma once

#include <cstdint>
#include <span>

#include "envs/box2d/rigid_body.h"

namespace ludus::envs {

struct HingeConfig {
  float lower = 0, upper = 0;  // limits of the angle, rad
  float max_motor_torque = 0;  // N m
};

struct HingeJoint {
  enum Limit : std::uint8_t { kFree, kAtLower, kAtUpper };

  Vec2f anchor;             // in the hub's frame, m; in the other's frame it is the origin
  float motor_speed = 0;    // wanted speed of the angle, rad/s
  Vec2f impulse;            // that held the anchor in the last step, N s; the next step begins with it
  float limit_impulse = 0;  // N m s
  float motor_impulse = 0;  // N m s
  std::uint8_t limit = kFree;
};

// The angle of the hinge, rad.
inline float hinge_angle(const RigidBody& hub, const RigidBody& other) {
  return other.angle - hub.angle;
}

struct HingeSolver {
  float dt = 0.02f;  // s
  int velocity_iterations = 180;
  int position_iterations = 60;
};

// One body on a hinge.
struct Hinged {
  RigidBody body;
  HingeJoint hinge;
};

// Moves the hub and what is hinged to it by one step. `forces` (N) act on the centres of the hinged bodies. The last
// hinge is solved first. What has hardly moved for half a second comes to rest.
void advance(RigidBody& hub, const MassProperties& hub_mass, std::span<Hinged> hinged,
             const MassProperties& hinged_mass, const HingeConfig& config, std::span<const Vec2f> forces,
             const HingeSolver& solver);

}  // namespace ludus::envs
