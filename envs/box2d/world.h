// A world of rigid bodies that is a value: it can be copied, saved and restored, and the copy moves as the original.
//
// Box2D moves the bodies. It can neither copy nor save a world: the impulses that warm-start its solver, the order of
// its contacts and the shape of its broad-phase tree are out of reach, and all of them touch the last bits. But it is
// deterministic: a world that is built alike and pushed alike moves alike, to the last bit. So a World remembers how
// it was built and what was done to it since, and a copy is built and pushed anew. Copying, and restoring, cost what
// the steps so far have cost (20 to 60 µs each); moving a World costs nothing. A step is remembered in 24 bytes, and so
// is every push.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/value.h"

namespace ludus::envs {

// In m, m/s or N s; float, as Box2D computes.
struct Vec2 {
  float x = 0, y = 0;
  friend bool operator==(const Vec2&, const Vec2&) = default;
};

// A shape of a body, and how it touches others.
struct Fixture {
  std::vector<Vec2> points = {};  // in the body's frame, m; two are an edge, three to eight a convex polygon
  float density = 0;              // kg/m²
  float friction = 0.2f;
  float restitution = 0;
  bool sensor = false;                   // reports contacts and does not collide
  std::uint16_t category = 0x0001;       // bits
  std::uint16_t collides_with = 0xFFFF;  // categories
};

struct Body {
  bool dynamic = false;  // else it never moves
  Vec2 position = {};    // m
  float angle = 0;       // rad, counter-clockwise
  std::vector<Fixture> fixtures = {};
};

// Two bodies turning about a common point, between two angles, driven by a motor. The angle of b against a counts from
// how the plan puts the two.
struct Hinge {
  std::size_t body_a = 0, body_b = 0;      // indices into the plan's bodies
  Vec2 anchor_a = {}, anchor_b = {};       // the point in either body's frame, m
  float lower_angle = 0, upper_angle = 0;  // rad
  float motor_speed = 0;                   // rad/s
  float max_motor_torque = 0;              // N m
};

// The order of the bodies, and of their fixtures, decides the order in which contacts are solved, and so the last bits.
// Box2D 2.3 sorts new contacts by the age of their fixtures, 2.4 takes them as its search tree gives them; pieces of
// ground that are laid from right to left come in the same order in both.
struct WorldDef {
  Vec2 gravity = {};      // m/s²
  float seconds = 0.02f;  // of a step
  // Of the solver, a step. Limits of hinges converge more slowly than in Box2D 2.3: see World::step.
  int velocity_iterations = 180;
  int limit_iterations = 360;          // instead, while a hinge is at its limit
  int limit_contact_iterations = 360;  // instead, while moreover bodies are near each other
  int position_iterations = 60;
  std::vector<Body> bodies = {};
  std::vector<Hinge> hinges = {};
};

struct BodyState {
  Vec2 position = {};          // of the body's origin, m
  float angle = 0;             // rad, not wrapped
  Vec2 linear_velocity = {};   // of the centre of mass, m/s
  float angular_velocity = 0;  // rad/s
  bool awake = true;           // false: at rest for half a second
};

struct MassState {
  float mass = 0;     // kg
  float inertia = 0;  // about the body's origin, kg m²
  Vec2 center = {};   // in the body's frame, m
};

struct HingeState {
  float angle = 0;  // rad
  float speed = 0;  // rad/s
};

// Two bodies begin or cease to touch: a pair of their fixtures does.
struct ContactEvent {
  std::size_t body_a = 0, body_b = 0;
  bool begins = false;
};

class World {
 public:
  // Throws InvalidArgument for what cannot be built: a polygon without area, a hinge of bodies that are not there.
  explicit World(WorldDef plan);
  World(const World& other);  // see above for the cost
  World& operator=(const World& other);
  World(World&&) noexcept;
  World& operator=(World&&) noexcept;
  ~World();

  const WorldDef& plan() const;
  std::size_t steps() const;  // so far

  // Pushes, which wake the body. Forces act at the centre of mass during the next step; throw InvalidArgument for a
  // number that is not finite or beyond 1e9.
  void apply_force(std::size_t body, Vec2 newtons);
  void apply_torque(std::size_t body, float newton_metres);
  void apply_impulse(std::size_t body, Vec2 newton_seconds, Vec2 point);  // at a point of the world
  void set_motor(std::size_t hinge, float speed, float max_torque);       // rad/s, N m

  // Moves the world on by plan().seconds; gives the contacts that began and ended meanwhile, in that order, valid until
  // the next step.
  //
  // Box2D 2.3, which Gymnasium runs, ignores the limit of a hinge until it is reached, and then solves limit and common
  // point together. 2.4 brakes a hinge before its limit, and solves the two in turn, which converges more slowly. To
  // move as 2.3 does, a limit is switched on only while it is reached, and then there are more iterations.
  std::span<const ContactEvent> step();

  BodyState body(std::size_t i) const;
  MassState mass(std::size_t i) const;
  HingeState hinge(std::size_t i) const;
  Vec2 to_world(std::size_t body, Vec2 point) const;  // from the body's frame

  // How far along from `from` to `to` a ray hits the first fixture of one of those categories, in [0, 1]; 1: none.
  float cast_ray(Vec2 from, Vec2 to, std::uint16_t categories) const;

  Value save() const;
  // Throws TypeMismatch or InvalidArgument for what save() has not made.
  static World restore(const Value& saved);

 private:
  struct Impl;
  explicit World(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ludus::envs
