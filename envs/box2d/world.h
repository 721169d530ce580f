/// @file
/// A world of rigid bodies with value semantics: it can be copied, saved and restored, and a copy moves identically.
///
/// Box2D simulates the bodies. It can neither copy nor save a world: the impulses that warm-start its solver, the order
/// of its contacts and its broad-phase tree are not accessible, and all of them affect the last bits. But it is
/// deterministic: equal construction and equal forces give equal motion, bit for bit. So a World records its definition
/// and everything applied to it since, and a copy replays the record. Copying and restoring cost as much as the steps
/// so far (20 to 60 µs each); moving a World is free. The record takes 24 bytes per step and per force.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/value.h"

namespace ludus::envs {

/// In m, m/s or N s; float, as Box2D computes.
struct Vec2 {
  float x = 0, y = 0;
  friend bool operator==(const Vec2&, const Vec2&) = default;
};

/// A shape of a body, and its contact properties.
struct Fixture {
  std::vector<Vec2> points = {};  ///< in the body's frame, m; two are an edge, three to eight a convex polygon
  float density = 0;              ///< kg/m²
  float friction = 0.2f;
  float restitution = 0;
  bool sensor = false;                   ///< reports contacts and does not collide
  std::uint16_t category = 0x0001;       ///< bits
  std::uint16_t collides_with = 0xFFFF;  ///< categories
};

struct Body {
  bool dynamic = false;  ///< else static
  Vec2 position = {};    ///< m
  float angle = 0;       ///< rad, counter-clockwise
  std::vector<Fixture> fixtures = {};
};

/// Two bodies that rotate about a common point, between two angles, driven by a motor. The angle of b relative to a is
/// 0 in the initial pose.
struct RevoluteJointDef {
  std::size_t body_a = 0, body_b = 0;      ///< indices into WorldDef::bodies
  Vec2 anchor_a = {}, anchor_b = {};       ///< the point in either body's frame, m
  float lower_angle = 0, upper_angle = 0;  ///< rad
  float motor_speed = 0;                   ///< rad/s
  float max_motor_torque = 0;              ///< N m
};

/// Definition of a world. The order of bodies and fixtures determines the order in which contacts are solved, and so
/// the last bits. Box2D 2.3 sorts new contacts by the age of their fixtures, 2.4 by its search tree; pieces of ground
/// that are added from right to left have the same order in both.
struct WorldDef {
  Vec2 gravity = {};      ///< m/s²
  float seconds = 0.02f;  ///< of a step
  /// Solver iterations per step. Joint limits converge more slowly than in Box2D 2.3: see World::step().
  int velocity_iterations = 180;
  int limit_iterations = 360;          ///< iteration limit while a joint is at its limit
  int limit_contact_iterations = 360;  ///< iteration limit while contacts are also active
  int position_iterations = 60;
  std::vector<Body> bodies = {};
  std::vector<RevoluteJointDef> joints = {};
};

struct BodyState {
  Vec2 position = {};          ///< of the body's origin, m
  float angle = 0;             ///< rad, not wrapped
  Vec2 linear_velocity = {};   ///< of the centre of mass, m/s
  float angular_velocity = 0;  ///< rad/s
  bool awake = true;           ///< false: at rest for half a second
};

struct MassState {
  float mass = 0;     ///< kg
  float inertia = 0;  ///< about the body's origin, kg m²
  Vec2 center = {};   ///< in the body's frame, m
};

struct RevoluteJointState {
  float angle = 0;  ///< rad
  float speed = 0;  ///< rad/s
};

/// Two bodies begin or end to touch: a pair of their fixtures does.
struct ContactEvent {
  std::size_t body_a = 0, body_b = 0;
  bool begins = false;
};

class World {
 public:
  /// Throws InvalidArgument for an invalid definition: a polygon without area, a joint of missing bodies.
  explicit World(WorldDef def);
  World(const World& other);  ///< see above for the cost
  World& operator=(const World& other);
  World(World&&) noexcept;
  World& operator=(World&&) noexcept;
  ~World();

  const WorldDef& def() const;
  std::size_t steps() const;  ///< so far

  /// Apply forces, torques and impulses, which wake the body. Forces act at the centre of mass during the next step.
  /// Throw InvalidArgument for a number that is not finite or beyond 1e9.
  void apply_force(std::size_t body, Vec2 newtons);
  void apply_torque(std::size_t body, float newton_metres);
  void apply_impulse(std::size_t body, Vec2 newton_seconds, Vec2 point);  ///< at a point of the world
  void set_motor(std::size_t joint, float speed, float max_torque);       ///< rad/s, N m

  /// Steps by def().seconds and returns the contacts that began and ended, in that order, valid until the next step.
  ///
  /// Box2D 2.3, which Gymnasium uses, ignores the limit of a joint until it is reached, then solves limit and common
  /// point together. 2.4 brakes a joint before its limit and solves the two in turn, which converges more slowly. To
  /// move as 2.3, a limit is enabled only while it is reached, with more iterations.
  std::span<const ContactEvent> step();

  BodyState body(std::size_t i) const;
  MassState mass(std::size_t i) const;
  RevoluteJointState joint(std::size_t i) const;
  Vec2 to_world(std::size_t body, Vec2 point) const;  ///< from the body's frame

  /// Casts a ray and returns the fraction of the way from `from` to `to` where it hits the first fixture of one of
  /// those categories, in [0, 1]; 1: none.
  float cast_ray(Vec2 from, Vec2 to, std::uint16_t categories) const;

  Value save() const;
  /// Throws TypeMismatch or InvalidArgument for a value that save() did not return.
  static World restore(const Value& saved);

 private:
  struct Impl;
  explicit World(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ludus::envs
