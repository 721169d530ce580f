#include "envs/box2d/revolute_joint.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace ludus::envs {
namespace {

// Box2D 2.3's tolerances (b2Settings.h)
constexpr float kPi = 3.14159265359f;
constexpr float kLinearSlop = 0.005f;                  // m
constexpr float kAngularSlop = 2.0f / 180.0f * kPi;    // rad
constexpr float kMaxCorrection = 8.0f / 180.0f * kPi;  // rad, of a limit, in one iteration
constexpr float kMaxTranslation = 2.0f;                // m in a step
constexpr float kMaxRotation = 0.5f * kPi;             // rad in a step
constexpr float kTimeToSleep = 0.5f;                   // s
constexpr float kSleepSpeed = 0.01f;                   // m/s
constexpr float kSleepSpin = 2.0f / 180.0f * kPi;      // rad/s

constexpr std::size_t kMaxJointed = 8;

struct Vec3f {
  float x, y, z;
};
float dot(Vec3f a, Vec3f b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Vec3f cross(Vec3f a, Vec3f b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

// [a b; b d] x = r by Cramer's rule
Vec2f solve_symmetric(float a, float b, float d, Vec2f r) {
  float determinant = a * d - b * b;
  if (determinant != 0) determinant = 1.0f / determinant;
  return {determinant * (d * r.x - b * r.y), determinant * (a * r.y - b * r.x)};
}

// Constants of a joint's equations during a step. With the arms r from the centres to the anchor, the velocity
// of the anchor's two ends against each other is
//
//   Ċ = v_B + ω_B × r_B − v_A − ω_A × r_A,        K = J M⁻¹ Jᵀ its effective inverse mass,
//
// and an impulse −K⁻¹ Ċ makes it zero. The third row of K is the angle's, ω_B − ω_A.
struct JointConstraint {
  Vec2f arm_hub, arm_other;
  Vec3f column_x, column_y, column_z;  // of K
  float motor_mass;                    // 1 / K_zz
};

struct Masses {
  float hub, hub_inertia, other, other_inertia;  // all inverse
};

JointConstraint make_constraint(const RigidBody& hub, const MassProperties& hub_mass, const JointedBody& one,
                                const MassProperties& mass) {
  const auto [m_a, i_a, m_b, i_b] =
      Masses{hub_mass.inverse_mass, hub_mass.inverse_inertia, mass.inverse_mass, mass.inverse_inertia};
  JointConstraint constraint;
  const Vec2f a = Rotation::of(hub.angle) * (one.joint.anchor - hub_mass.center);
  const Vec2f b = Rotation::of(one.body.angle) * (Vec2f{} - mass.center);
  constraint.arm_hub = a, constraint.arm_other = b;
  const float xx = m_a + m_b + a.y * a.y * i_a + b.y * b.y * i_b;
  const float xy = -a.y * a.x * i_a - b.y * b.x * i_b;
  const float xz = -a.y * i_a - b.y * i_b;
  const float yy = m_a + m_b + a.x * a.x * i_a + b.x * b.x * i_b;
  const float yz = a.x * i_a + b.x * i_b;
  const float zz = i_a + i_b;
  constraint.column_x = {xx, xy, xz};
  constraint.column_y = {xy, yy, yz};
  constraint.column_z = {xz, yz, zz};
  constraint.motor_mass = 1.0f / zz;
  return constraint;
}

// Impulse P at the anchor and the angular impulses of motor and limit about it, in opposite directions on the two
// bodies.
void push(RigidBody& hub, RigidBody& other, const JointConstraint& constraint, const Masses& inverse, Vec2f p,
          float motor, float limit) {
  hub.velocity = hub.velocity - inverse.hub * p;
  hub.spin -= inverse.hub_inertia * (cross(constraint.arm_hub, p) + motor + limit);
  other.velocity = other.velocity + inverse.other * p;
  other.spin += inverse.other_inertia * (cross(constraint.arm_other, p) + motor + limit);
}

// Which limit the angle has reached; the impulse of a limit that has been left is forgotten.
void find_limit(RevoluteJoint& joint, const RevoluteJointConfig& config, float angle) {
  const auto limit = angle <= config.lower ? RevoluteJoint::kAtLower
                                           : (angle >= config.upper ? RevoluteJoint::kAtUpper : RevoluteJoint::kFree);
  if (limit == RevoluteJoint::kFree || limit != joint.limit) joint.limit_impulse = 0;
  joint.limit = limit;
}

void solve_velocity(RigidBody& hub, JointedBody& one, const JointConstraint& constraint, const Masses& inverse,
                    float max_motor_impulse) {
  RevoluteJoint& joint = one.joint;
  RigidBody& other = one.body;

  // the motor drives ω_B − ω_A to the target speed, within its torque
  {
    const float error = other.spin - hub.spin - joint.motor_speed;
    const float before = joint.motor_impulse;
    joint.motor_impulse = std::clamp(before + -constraint.motor_mass * error, -max_motor_impulse, max_motor_impulse);
    const float impulse = joint.motor_impulse - before;
    hub.spin -= inverse.hub_inertia * impulse;
    other.spin += inverse.other_inertia * impulse;
  }

  const Vec2f slip =
      other.velocity + cross(other.spin, constraint.arm_other) - hub.velocity - cross(hub.spin, constraint.arm_hub);
  const Vec3f &x = constraint.column_x, &y = constraint.column_y, &z = constraint.column_z;

  if (joint.limit == RevoluteJoint::kFree) {
    const Vec2f impulse = solve_symmetric(x.x, x.y, y.y, -slip);
    joint.impulse = joint.impulse + impulse;
    push(hub, other, constraint, inverse, impulse, 0, 0);
    return;
  }

  // at a limit all three equations at once
  const Vec3f rhs{slip.x, slip.y, other.spin - hub.spin};
  float determinant = dot(x, cross(y, z));
  if (determinant != 0) determinant = 1.0f / determinant;
  Vec2f impulse{-(determinant * dot(rhs, cross(y, z))), -(determinant * dot(x, cross(rhs, z)))};
  float twist = -(determinant * dot(x, cross(y, rhs)));

  // A limit pushes, it never pulls: where the sum would pull, its impulse is taken back and the other two equations
  // are solved with that.
  const float sum = joint.limit_impulse + twist;
  if (joint.limit == RevoluteJoint::kAtLower ? sum < 0 : sum > 0) {
    impulse = solve_symmetric(x.x, x.y, y.y, -slip + joint.limit_impulse * Vec2f{z.x, z.y});
    twist = -joint.limit_impulse;
    joint.limit_impulse = 0;
  } else {
    joint.limit_impulse += twist;
  }
  joint.impulse = joint.impulse + impulse;
  push(hub, other, constraint, inverse, impulse, 0, twist);
}

// Moves the bodies so that the anchor's ends meet and the angle keeps its limit. Returns whether they did already.
bool solve_position(RigidBody& hub, const MassProperties& hub_mass, JointedBody& one, const MassProperties& mass,
                    const RevoluteJointConfig& config, float motor_mass) {
  RigidBody& other = one.body;
  const float m_a = hub_mass.inverse_mass, i_a = hub_mass.inverse_inertia;
  const float m_b = mass.inverse_mass, i_b = mass.inverse_inertia;

  float angular_error = 0;
  if (one.joint.limit != RevoluteJoint::kFree) {
    const float angle = joint_angle(hub, other);
    float correction;
    if (one.joint.limit == RevoluteJoint::kAtLower) {
      const float beyond = angle - config.lower;
      angular_error = -beyond;
      correction = std::clamp(beyond + kAngularSlop, -kMaxCorrection, 0.0f);
    } else {
      const float beyond = angle - config.upper;
      angular_error = beyond;
      correction = std::clamp(beyond - kAngularSlop, 0.0f, kMaxCorrection);
    }
    const float impulse = -motor_mass * correction;
    hub.angle -= i_a * impulse;
    other.angle += i_b * impulse;
  }

  const Vec2f a = Rotation::of(hub.angle) * (one.joint.anchor - hub_mass.center);
  const Vec2f b = Rotation::of(other.angle) * (Vec2f{} - mass.center);
  const Vec2f gap = other.center + b - hub.center - a;
  const float xx = m_a + m_b + i_a * a.y * a.y + i_b * b.y * b.y;
  const float xy = -i_a * a.x * a.y - i_b * b.x * b.y;
  const float yy = m_a + m_b + i_a * a.x * a.x + i_b * b.x * b.x;
  const Vec2f impulse = -solve_symmetric(xx, xy, yy, gap);
  hub.center = hub.center - m_a * impulse;
  hub.angle -= i_a * cross(a, impulse);
  other.center = other.center + m_b * impulse;
  other.angle += i_b * cross(b, impulse);
  return length(gap) <= kLinearSlop && angular_error <= kAngularSlop;
}

void integrate(RigidBody& body, float dt) {
  const Vec2f translation = dt * body.velocity;
  if (dot(translation, translation) > kMaxTranslation * kMaxTranslation) {
    body.velocity = (kMaxTranslation / length(translation)) * body.velocity;
  }
  const float rotation = dt * body.spin;
  if (rotation * rotation > kMaxRotation * kMaxRotation) body.spin *= kMaxRotation / std::abs(rotation);
  body.center = body.center + dt * body.velocity;
  body.angle += dt * body.spin;
}

// Returns for how long the body has hardly moved.
float note_stillness(RigidBody& body, float dt) {
  const bool moves =
      body.spin * body.spin > kSleepSpin * kSleepSpin || dot(body.velocity, body.velocity) > kSleepSpeed * kSleepSpeed;
  body.still_since = moves ? 0 : body.still_since + dt;
  return body.still_since;
}

void rest(RigidBody& body) {
  body.velocity = {};
  body.spin = 0;
  body.still_since = 0;
}

}  // namespace

void advance(RigidBody& hub, const MassProperties& hub_mass, std::span<JointedBody> jointed,
             const MassProperties& jointed_mass, const RevoluteJointConfig& config, std::span<const Vec2f> forces,
             const JointSolver& solver) {
  assert(jointed.size() <= kMaxJointed && forces.size() == jointed.size());
  const std::size_t n = jointed.size();
  const float dt = solver.dt;
  const Masses inverse{hub_mass.inverse_mass, hub_mass.inverse_inertia, jointed_mass.inverse_mass,
                       jointed_mass.inverse_inertia};

  // v ← v + h F / m
  for (std::size_t i = 0; i < n; ++i) {
    RigidBody& body = jointed[i].body;
    body.velocity = body.velocity + dt * (jointed_mass.inverse_mass * forces[i]);
  }

  // begin with the impulses of the last step
  std::array<JointConstraint, kMaxJointed> constraints;
  for (std::size_t i = n; i-- > 0;) {
    RevoluteJoint& joint = jointed[i].joint;
    constraints[i] = make_constraint(hub, hub_mass, jointed[i], jointed_mass);
    find_limit(joint, config, joint_angle(hub, jointed[i].body));
    push(hub, jointed[i].body, constraints[i], inverse, joint.impulse, joint.motor_impulse, joint.limit_impulse);
  }

  // one joint after the other, again and again
  const float max_motor_impulse = dt * config.max_motor_torque;
  for (int iteration = 0; iteration < solver.velocity_iterations; ++iteration) {
    for (std::size_t i = n; i-- > 0;) solve_velocity(hub, jointed[i], constraints[i], inverse, max_motor_impulse);
  }

  integrate(hub, dt);
  for (JointedBody& one : jointed) integrate(one.body, dt);

  bool solved = false;
  for (int iteration = 0; iteration < solver.position_iterations && !solved; ++iteration) {
    solved = true;
    for (std::size_t i = n; i-- > 0;) {
      const bool good = solve_position(hub, hub_mass, jointed[i], jointed_mass, config, constraints[i].motor_mass);
      solved = solved && good;
    }
  }

  hub.follow_center(hub_mass);
  float still_since = note_stillness(hub, dt);
  for (JointedBody& one : jointed) {
    one.body.follow_center(jointed_mass);
    still_since = std::min(still_since, note_stillness(one.body, dt));
  }
  if (still_since >= kTimeToSleep && solved) {
    rest(hub);
    for (JointedBody& one : jointed) rest(one.body);
  }
}

}  // namespace ludus::envs
