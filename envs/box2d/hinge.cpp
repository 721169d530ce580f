#include "envs/box2d/hinge.h"

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

constexpr std::size_t kMaxHinged = 8;

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

// What a hinge's equations hold constant during a step. With the arms r from the centres to the anchor, the velocity
// of the anchor's two ends against each other is
//
//   Ċ = v_B + ω_B × r_B − v_A − ω_A × r_A,        K = J M⁻¹ Jᵀ its effective inverse mass,
//
// and an impulse −K⁻¹ Ċ makes it zero. The third row of K is the angle's, ω_B − ω_A.
struct Joint {
  Vec2f arm_hub, arm_other;
  Vec3f column_x, column_y, column_z;  // of K
  float motor_mass;                    // 1 / K_zz
};

struct Masses {
  float hub, hub_inertia, other, other_inertia;  // all inverse
};

Joint make_joint(const RigidBody& hub, const MassProperties& hub_mass, const Hinged& one, const MassProperties& mass) {
  const auto [m_a, i_a, m_b, i_b] =
      Masses{hub_mass.inverse_mass, hub_mass.inverse_inertia, mass.inverse_mass, mass.inverse_inertia};
  Joint joint;
  const Vec2f a = Rotation::of(hub.angle) * (one.hinge.anchor - hub_mass.center);
  const Vec2f b = Rotation::of(one.body.angle) * (Vec2f{} - mass.center);
  joint.arm_hub = a, joint.arm_other = b;
  const float xx = m_a + m_b + a.y * a.y * i_a + b.y * b.y * i_b;
  const float xy = -a.y * a.x * i_a - b.y * b.x * i_b;
  const float xz = -a.y * i_a - b.y * i_b;
  const float yy = m_a + m_b + a.x * a.x * i_a + b.x * b.x * i_b;
  const float yz = a.x * i_a + b.x * i_b;
  const float zz = i_a + i_b;
  joint.column_x = {xx, xy, xz};
  joint.column_y = {xy, yy, yz};
  joint.column_z = {xz, yz, zz};
  joint.motor_mass = 1.0f / zz;
  return joint;
}

// Impulse P at the anchor and the angular impulses of motor and limit about it, in opposite directions on the two
// bodies.
void push(RigidBody& hub, RigidBody& other, const Joint& joint, const Masses& inverse, Vec2f p, float motor,
          float limit) {
  hub.velocity = hub.velocity - inverse.hub * p;
  hub.spin -= inverse.hub_inertia * (cross(joint.arm_hub, p) + motor + limit);
  other.velocity = other.velocity + inverse.other * p;
  other.spin += inverse.other_inertia * (cross(joint.arm_other, p) + motor + limit);
}

// Which limit the angle has reached; the impulse of a limit that has been left is forgotten.
void find_limit(HingeJoint& hinge, const HingeConfig& config, float angle) {
  const auto limit =
      angle <= config.lower ? HingeJoint::kAtLower : (angle >= config.upper ? HingeJoint::kAtUpper : HingeJoint::kFree);
  if (limit == HingeJoint::kFree || limit != hinge.limit) hinge.limit_impulse = 0;
  hinge.limit = limit;
}

void solve_velocity(RigidBody& hub, Hinged& one, const Joint& joint, const Masses& inverse, float max_motor_impulse) {
  HingeJoint& hinge = one.hinge;
  RigidBody& other = one.body;

  // the motor drives ω_B − ω_A to the wanted speed as far as its torque goes
  {
    const float error = other.spin - hub.spin - hinge.motor_speed;
    const float before = hinge.motor_impulse;
    hinge.motor_impulse = std::clamp(before + -joint.motor_mass * error, -max_motor_impulse, max_motor_impulse);
    const float impulse = hinge.motor_impulse - before;
    hub.spin -= inverse.hub_inertia * impulse;
    other.spin += inverse.other_inertia * impulse;
  }

  const Vec2f slip =
      other.velocity + cross(other.spin, joint.arm_other) - hub.velocity - cross(hub.spin, joint.arm_hub);
  const Vec3f &x = joint.column_x, &y = joint.column_y, &z = joint.column_z;

  if (hinge.limit == HingeJoint::kFree) {
    const Vec2f impulse = solve_symmetric(x.x, x.y, y.y, -slip);
    hinge.impulse = hinge.impulse + impulse;
    push(hub, other, joint, inverse, impulse, 0, 0);
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
  const float sum = hinge.limit_impulse + twist;
  if (hinge.limit == HingeJoint::kAtLower ? sum < 0 : sum > 0) {
    impulse = solve_symmetric(x.x, x.y, y.y, -slip + hinge.limit_impulse * Vec2f{z.x, z.y});
    twist = -hinge.limit_impulse;
    hinge.limit_impulse = 0;
  } else {
    hinge.limit_impulse += twist;
  }
  hinge.impulse = hinge.impulse + impulse;
  push(hub, other, joint, inverse, impulse, 0, twist);
}

// Moves the bodies so that the anchor's ends meet and the angle keeps its limit. Returns whether they did already.
bool solve_position(RigidBody& hub, const MassProperties& hub_mass, Hinged& one, const MassProperties& mass,
                    const HingeConfig& config, float motor_mass) {
  RigidBody& other = one.body;
  const float m_a = hub_mass.inverse_mass, i_a = hub_mass.inverse_inertia;
  const float m_b = mass.inverse_mass, i_b = mass.inverse_inertia;

  float angular_error = 0;
  if (one.hinge.limit != HingeJoint::kFree) {
    const float angle = hinge_angle(hub, other);
    float correction;
    if (one.hinge.limit == HingeJoint::kAtLower) {
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

  const Vec2f a = Rotation::of(hub.angle) * (one.hinge.anchor - hub_mass.center);
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

void advance(RigidBody& hub, const MassProperties& hub_mass, std::span<Hinged> hinged,
             const MassProperties& hinged_mass, const HingeConfig& config, std::span<const Vec2f> forces,
             const HingeSolver& solver) {
  assert(hinged.size() <= kMaxHinged && forces.size() == hinged.size());
  const std::size_t n = hinged.size();
  const float dt = solver.dt;
  const Masses inverse{hub_mass.inverse_mass, hub_mass.inverse_inertia, hinged_mass.inverse_mass,
                       hinged_mass.inverse_inertia};

  // v ← v + h F / m
  for (std::size_t i = 0; i < n; ++i) {
    RigidBody& body = hinged[i].body;
    body.velocity = body.velocity + dt * (hinged_mass.inverse_mass * forces[i]);
  }

  // begin with the impulses of the last step
  std::array<Joint, kMaxHinged> joints;
  for (std::size_t i = n; i-- > 0;) {
    HingeJoint& hinge = hinged[i].hinge;
    joints[i] = make_joint(hub, hub_mass, hinged[i], hinged_mass);
    find_limit(hinge, config, hinge_angle(hub, hinged[i].body));
    push(hub, hinged[i].body, joints[i], inverse, hinge.impulse, hinge.motor_impulse, hinge.limit_impulse);
  }

  // one hinge after the other, again and again
  const float max_motor_impulse = dt * config.max_motor_torque;
  for (int iteration = 0; iteration < solver.velocity_iterations; ++iteration) {
    for (std::size_t i = n; i-- > 0;) solve_velocity(hub, hinged[i], joints[i], inverse, max_motor_impulse);
  }

  integrate(hub, dt);
  for (Hinged& one : hinged) integrate(one.body, dt);

  bool solved = false;
  for (int iteration = 0; iteration < solver.position_iterations && !solved; ++iteration) {
    solved = true;
    for (std::size_t i = n; i-- > 0;) {
      const bool good = solve_position(hub, hub_mass, hinged[i], hinged_mass, config, joints[i].motor_mass);
      solved = solved && good;
    }
  }

  hub.follow_center(hub_mass);
  float still_since = note_stillness(hub, dt);
  for (Hinged& one : hinged) {
    one.body.follow_center(hinged_mass);
    still_since = std::min(still_since, note_stillness(one.body, dt));
  }
  if (still_since >= kTimeToSleep && solved) {
    rest(hub);
    for (Hinged& one : hinged) rest(one.body);
  }
}

}  // namespace ludus::envs
