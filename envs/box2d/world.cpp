#include "envs/box2d/world.h"

#include <box2d/box2d.h>

#include <array>
#include <cassert>
#include <cfenv>
#include <cmath>
#include <string>

#include "base/format.h"

namespace ludus::envs {
namespace {

// Box2D's limits: it asserts on values beyond them.
constexpr std::size_t kMaxPolygonPoints = b2_maxPolygonVertices;
constexpr float kLeastSide = 2 * b2_linearSlop;  // m; closer points are welded
constexpr float kLeastArea = 1e-4f;              // m²
constexpr float kGreatest = 1e9f;                // its square is still a float
constexpr int kMostIterations = 10'000;

// Numbers must not depend on the thread: some threads flush denormals (nn/core/threads.h), others do not.
class DefaultArithmetic {
 public:
  DefaultArithmetic() {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultArithmetic() { std::fesetenv(&before_); }
  DefaultArithmetic(const DefaultArithmetic&) = delete;
  DefaultArithmetic& operator=(const DefaultArithmetic&) = delete;

 private:
  std::fenv_t before_;
};

b2Vec2 to_box2d(Vec2 v) {
  return {v.x, v.y};
}
Vec2 from_box2d(const b2Vec2& v) {
  return {v.x, v.y};
}

// Box2D fills its table of collision functions at the first contact of the process, without a lock. One contact made
// here, under the lock of a static, spares worlds on several threads from racing for it.
void prepare_box2d() {
  [[maybe_unused]] static const bool prepared = [] {
    b2World world(b2Vec2_zero);
    b2PolygonShape box;
    box.SetAsBox(1, 1);
    b2BodyDef definition;
    definition.type = b2_dynamicBody;
    for (int i = 0; i < 2; ++i) world.CreateBody(&definition)->CreateFixture(&box, 1);
    world.Step(0.02f, 1, 1);
    return true;
  }();
}

// --- valid shapes, bodies and joints

void check_number(const char* what, float number) {
  if (std::abs(number) <= kGreatest) return;  // false for NaN
  throw InvalidArgument(formatted("{} must be a number between -1e9 and 1e9, got {}", what, number));
}
void check_vector(const char* what, Vec2 v) {
  check_number(what, v.x);
  check_number(what, v.y);
}
void check_not_negative(const char* what, float number) {
  check_number(what, number);
  if (number < 0) {
    throw InvalidArgument(formatted("{} must not be negative, got {}", what, number));
  }
}

void check(const Fixture& fixture) {
  const auto& points = fixture.points;
  if (points.size() < 2 || points.size() > kMaxPolygonPoints) {
    throw InvalidArgument(formatted("a fixture must have 2 to {} points, got {}", kMaxPolygonPoints, points.size()));
  }
  // shoelace formula: twice the area
  float twice_area = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    check_vector("a point of a fixture", points[i]);
    const Vec2 next = points[(i + 1) % points.size()];
    twice_area += points[i].x * next.y - next.x * points[i].y;
    for (std::size_t k = 0; k < i; ++k) {
      if (!(std::hypot(points[i].x - points[k].x, points[i].y - points[k].y) >= kLeastSide)) {
        throw InvalidArgument("the points of a fixture must be at least 0.01 m apart, and two are closer");
      }
    }
  }
  if (points.size() > 2 && !(std::abs(twice_area) >= 2 * kLeastArea)) {
    throw InvalidArgument(
        formatted("the polygon of a fixture must have an area of at least 1e-4 m², got {}", twice_area / 2));
  }
  check_not_negative("the density of a fixture", fixture.density);
  check_not_negative("the friction of a fixture", fixture.friction);
  check_not_negative("the restitution of a fixture", fixture.restitution);
}

void check(const WorldDef& def) {
  check_vector("gravity", def.gravity);
  check_not_negative("the time of a step", def.seconds);
  for (const int iterations :
       {def.velocity_iterations, def.limit_iterations, def.limit_contact_iterations, def.position_iterations}) {
    if (iterations < 1 || iterations > kMostIterations) {
      throw InvalidArgument(formatted("the iterations of a step must be 1 to {}, got {}", kMostIterations, iterations));
    }
  }
  for (const Body& body : def.bodies) {
    check_vector("the position of a body", body.position);
    check_number("the angle of a body", body.angle);
    for (const Fixture& fixture : body.fixtures) check(fixture);
  }
  for (const RevoluteJointDef& joint : def.joints) {
    if (joint.body_a >= def.bodies.size() || joint.body_b >= def.bodies.size() || joint.body_a == joint.body_b) {
      throw InvalidArgument(formatted("a joint must join two of the {} bodies, got {} and {}", def.bodies.size(),
                                      joint.body_a, joint.body_b));
    }
    check_vector("an anchor of a joint", joint.anchor_a);
    check_vector("an anchor of a joint", joint.anchor_b);
    check_number("the lower angle of a joint", joint.lower_angle);
    check_number("the upper angle of a joint", joint.upper_angle);
    if (joint.lower_angle > joint.upper_angle) {
      throw InvalidArgument("the lower angle of a joint must not exceed the upper one");
    }
    check_number("the speed of a motor", joint.motor_speed);
    check_not_negative("the torque of a motor", joint.max_motor_torque);
  }
}

// --- operations recorded for copies

struct Deed {
  enum class Kind : std::uint32_t { kStep, kForce, kTorque, kImpulse, kMotor };
  Kind kind = Kind::kStep;
  std::uint32_t target = 0;           // a body, or the joint of a motor
  std::array<float, 4> numbers = {};  // the arguments
};

void check(const Deed& deed, const WorldDef& def) {
  const std::size_t targets = deed.kind == Deed::Kind::kMotor ? def.joints.size() : def.bodies.size();
  if (deed.kind > Deed::Kind::kMotor || (deed.kind != Deed::Kind::kStep && deed.target >= targets)) {
    throw InvalidArgument("there is no such body or joint to push in this world");
  }
  for (const float number : deed.numbers) check_number("a push", number);
  if (deed.kind == Deed::Kind::kMotor) check_not_negative("the torque of a motor", deed.numbers[1]);
}

class TouchListener : public b2ContactListener {
 public:
  std::vector<ContactEvent> touches;

  void BeginContact(b2Contact* contact) override { note(contact, true); }
  void EndContact(b2Contact* contact) override { note(contact, false); }

 private:
  void note(b2Contact* contact, bool begins) {
    touches.push_back({contact->GetFixtureA()->GetBody()->GetUserData().pointer,
                       contact->GetFixtureB()->GetBody()->GetUserData().pointer, begins});
  }
};

// --- the form in which a world is saved: tables of float32, one row each

// step: gravity x and y, seconds, iterations of velocity, limit, limit and contact, position
constexpr std::size_t kStepColumns = 7;
// bodies: dynamic, x, y, angle
constexpr std::size_t kBodyColumns = 4;
// fixtures: body, density, friction, restitution, sensor, category, collides_with, points, then x and y of eight
constexpr std::size_t kFixtureColumns = 8 + 2 * kMaxPolygonPoints;
// joints: body a, body b, anchor a, anchor b, lower, upper, speed, torque
constexpr std::size_t kJointColumns = 10;
// deeds: kind, target, four numbers
constexpr std::size_t kDeedColumns = 6;

Array table(const std::vector<float>& numbers, std::size_t columns) {
  return Array::of(std::span<const float>(numbers),
                   {static_cast<std::int64_t>(numbers.size() / columns), static_cast<std::int64_t>(columns)});
}

std::span<const float> numbers_of(const Dict& saved, const char* name, std::size_t columns) {
  const Array& array = saved.at(name).as_array();
  if (array.shape().rank() != 2 || array.shape()[1] != static_cast<std::int64_t>(columns)) {
    throw InvalidArgument(formatted("the {} of a saved world must have {} columns, got shape {}", name, columns,
                                    array.shape().to_string()));
  }
  return array.data<float>();
}

// A whole number of a table, in [0, limit).
std::size_t whole(float number, std::size_t limit) {
  if (number >= 0 && number < static_cast<float>(limit) && number == std::floor(number)) {
    return static_cast<std::size_t>(number);
  }
  throw InvalidArgument(formatted("a saved world must have a whole number below {1} here, got {0}", number, limit));
}

}  // namespace

struct World::Impl {
  explicit Impl(std::shared_ptr<const WorldDef> built_by) : def(std::move(built_by)), world(to_box2d(def->gravity)) {
    prepare_box2d();
    const DefaultArithmetic arithmetic;
    for (std::size_t i = 0; i < def->bodies.size(); ++i) bodies.push_back(build(def->bodies[i], i));
    for (const RevoluteJointDef& joint : def->joints) joints.push_back(build(joint));
    world.SetContactListener(&listener);
  }

  b2Body* build(const Body& body, std::size_t index) {
    b2BodyDef definition;
    definition.type = body.dynamic ? b2_dynamicBody : b2_staticBody;
    definition.position = to_box2d(body.position);
    definition.angle = body.angle;
    definition.userData.pointer = index;
    b2Body* built = world.CreateBody(&definition);
    for (const Fixture& fixture : body.fixtures) {
      std::array<b2Vec2, kMaxPolygonPoints> points;
      for (std::size_t k = 0; k < fixture.points.size(); ++k) points[k] = to_box2d(fixture.points[k]);
      b2EdgeShape edge;
      b2PolygonShape polygon;
      b2FixtureDef form;
      if (fixture.points.size() == 2) {
        edge.SetTwoSided(points[0], points[1]);
        form.shape = &edge;
      } else {
        polygon.Set(points.data(), static_cast<int>(fixture.points.size()));
        form.shape = &polygon;
      }
      form.density = fixture.density;
      form.friction = fixture.friction;
      form.restitution = fixture.restitution;
      form.isSensor = fixture.sensor;
      form.filter.categoryBits = fixture.category;
      form.filter.maskBits = fixture.collides_with;
      built->CreateFixture(&form);
    }
    return built;
  }

  b2RevoluteJoint* build(const RevoluteJointDef& joint) {
    b2RevoluteJointDef definition;
    definition.bodyA = bodies[joint.body_a];
    definition.bodyB = bodies[joint.body_b];
    definition.localAnchorA = to_box2d(joint.anchor_a);
    definition.localAnchorB = to_box2d(joint.anchor_b);
    // the angle counts from how the bodies stand, as in Gymnasium's binding
    definition.referenceAngle = definition.bodyB->GetAngle() - definition.bodyA->GetAngle();
    definition.enableLimit = definition.enableMotor = true;
    definition.lowerAngle = joint.lower_angle;
    definition.upperAngle = joint.upper_angle;
    definition.motorSpeed = joint.motor_speed;
    definition.maxMotorTorque = joint.max_motor_torque;
    return static_cast<b2RevoluteJoint*>(world.CreateJoint(&definition));
  }

  // Enables or disables the joint limits for a step and returns its number of iterations: see step().
  int prepare_joints() {
    bool any_reached = false;
    for (b2RevoluteJoint* joint : joints) {
      const float angle = joint->GetJointAngle();
      const bool reached = angle <= joint->GetLowerLimit() || angle >= joint->GetUpperLimit();
      joint->EnableLimit(reached);
      any_reached = any_reached || reached;
    }
    if (!any_reached) return def->velocity_iterations;
    return world.GetContactCount() > 0 ? def->limit_contact_iterations : def->limit_iterations;
  }

  // Everything that changes a world after it was built comes through here, and is remembered.
  void act(const Deed& deed) {
    check(deed, *def);
    deeds.push_back(deed);
    perform(deed);
  }

  void perform(const Deed& deed) {
    const DefaultArithmetic arithmetic;
    const auto& [a, b, c, d] = deed.numbers;
    switch (deed.kind) {
      case Deed::Kind::kStep:
        listener.touches.clear();
        world.Step(def->seconds, prepare_joints(), def->position_iterations);
        ++steps;
        return;
      case Deed::Kind::kForce: bodies[deed.target]->ApplyForceToCenter({a, b}, true); return;
      case Deed::Kind::kTorque: bodies[deed.target]->ApplyTorque(a, true); return;
      case Deed::Kind::kImpulse: bodies[deed.target]->ApplyLinearImpulse({a, b}, {c, d}, true); return;
      case Deed::Kind::kMotor:
        b2RevoluteJoint* joint = joints[deed.target];
        // Box2D 2.3 wakes the bodies whenever a motor is set, 2.4 only when that changes something
        for (b2Body* body : {joint->GetBodyA(), joint->GetBodyB()}) {
          if (!body->IsAwake()) body->SetAwake(true);
        }
        joint->SetMotorSpeed(a);
        joint->SetMaxMotorTorque(b);
        return;
    }
  }

  std::shared_ptr<const WorldDef> def;
  std::vector<Deed> deeds;  // since it was built, in order
  std::size_t steps = 0;    // among them
  TouchListener listener;
  b2World world;
  std::vector<b2Body*> bodies;
  std::vector<b2RevoluteJoint*> joints;
};

World::World(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

World::World(WorldDef def) {
  check(def);
  impl_ = std::make_unique<Impl>(std::make_shared<const WorldDef>(std::move(def)));
}

World::World(const World& other) : impl_(std::make_unique<Impl>(other.impl_->def)) {
  impl_->deeds = other.impl_->deeds;
  for (const Deed& deed : impl_->deeds) impl_->perform(deed);
}
World& World::operator=(const World& other) {
  if (this != &other) *this = World(other);
  return *this;
}
World::World(World&&) noexcept = default;
World& World::operator=(World&&) noexcept = default;
World::~World() = default;

const WorldDef& World::def() const {
  return *impl_->def;
}
std::size_t World::steps() const {
  return impl_->steps;
}

void World::apply_force(std::size_t body, Vec2 newtons) {
  impl_->act({Deed::Kind::kForce, static_cast<std::uint32_t>(body), {newtons.x, newtons.y}});
}
void World::apply_torque(std::size_t body, float newton_metres) {
  impl_->act({Deed::Kind::kTorque, static_cast<std::uint32_t>(body), {newton_metres}});
}
void World::apply_impulse(std::size_t body, Vec2 newton_seconds, Vec2 point) {
  impl_->act(
      {Deed::Kind::kImpulse, static_cast<std::uint32_t>(body), {newton_seconds.x, newton_seconds.y, point.x, point.y}});
}
void World::set_motor(std::size_t joint, float speed, float max_torque) {
  impl_->act({Deed::Kind::kMotor, static_cast<std::uint32_t>(joint), {speed, max_torque}});
}

std::span<const ContactEvent> World::step() {
  impl_->act({});
  return impl_->listener.touches;
}

BodyState World::body(std::size_t i) const {
  const b2Body& body = *impl_->bodies[i];
  return {.position = from_box2d(body.GetPosition()),
          .angle = body.GetAngle(),
          .linear_velocity = from_box2d(body.GetLinearVelocity()),
          .angular_velocity = body.GetAngularVelocity(),
          .awake = body.IsAwake()};
}
MassState World::mass(std::size_t i) const {
  const b2Body& body = *impl_->bodies[i];
  return {.mass = body.GetMass(), .inertia = body.GetInertia(), .center = from_box2d(body.GetLocalCenter())};
}
RevoluteJointState World::joint(std::size_t i) const {
  const b2RevoluteJoint& joint = *impl_->joints[i];
  return {.angle = joint.GetJointAngle(), .speed = joint.GetJointSpeed()};
}
Vec2 World::to_world(std::size_t body, Vec2 point) const {
  return from_box2d(impl_->bodies[body]->GetWorldPoint(to_box2d(point)));
}

float World::cast_ray(Vec2 from, Vec2 to, std::uint16_t categories) const {
  struct Nearest : b2RayCastCallback {
    float ReportFixture(b2Fixture* fixture, const b2Vec2&, const b2Vec2&, float at) override {
      if ((fixture->GetFilterData().categoryBits & categories) == 0) return -1;  // as if it were not there
      fraction = at;
      return at;  // continue with a shorter ray
    }
    std::uint16_t categories = 0;
    float fraction = 1;
  } nearest;
  nearest.categories = categories;
  const DefaultArithmetic arithmetic;
  impl_->world.RayCast(&nearest, to_box2d(from), to_box2d(to));
  return nearest.fraction;
}

Value World::save() const {
  const WorldDef& def = *impl_->def;
  const auto real = [](auto number) { return static_cast<float>(number); };
  std::vector<float> bodies, fixtures, joints, deeds;
  for (std::size_t i = 0; i < def.bodies.size(); ++i) {
    const Body& body = def.bodies[i];
    bodies.insert(bodies.end(), {real(body.dynamic), body.position.x, body.position.y, body.angle});
    for (const Fixture& fixture : body.fixtures) {
      fixtures.insert(fixtures.end(),
                      {real(i), fixture.density, fixture.friction, fixture.restitution, real(fixture.sensor),
                       real(fixture.category), real(fixture.collides_with), real(fixture.points.size())});
      for (std::size_t k = 0; k < kMaxPolygonPoints; ++k) {
        const Vec2 point = k < fixture.points.size() ? fixture.points[k] : Vec2{};
        fixtures.insert(fixtures.end(), {point.x, point.y});
      }
    }
  }
  for (const RevoluteJointDef& joint : def.joints) {
    joints.insert(joints.end(),
                  {real(joint.body_a), real(joint.body_b), joint.anchor_a.x, joint.anchor_a.y, joint.anchor_b.x,
                   joint.anchor_b.y, joint.lower_angle, joint.upper_angle, joint.motor_speed, joint.max_motor_torque});
  }
  for (const Deed& deed : impl_->deeds) {
    deeds.insert(deeds.end(), {real(deed.kind), real(deed.target)});
    deeds.insert(deeds.end(), deed.numbers.begin(), deed.numbers.end());
  }
  const std::vector<float> step{def.gravity.x,
                                def.gravity.y,
                                def.seconds,
                                real(def.velocity_iterations),
                                real(def.limit_iterations),
                                real(def.limit_contact_iterations),
                                real(def.position_iterations)};
  return Dict{{"step", table(step, kStepColumns)},
              {"bodies", table(bodies, kBodyColumns)},
              {"fixtures", table(fixtures, kFixtureColumns)},
              {"hinges", table(joints, kJointColumns)},
              {"deeds", table(deeds, kDeedColumns)}};
}

World World::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  const auto step = numbers_of(parts, "step", kStepColumns);
  if (step.size() != kStepColumns) throw InvalidArgument("a saved world must describe its step in one row");
  const auto iterations = [&](std::size_t column) {
    return static_cast<int>(whole(step[column], kMostIterations + 1));
  };
  WorldDef def{.gravity = {step[0], step[1]},
               .seconds = step[2],
               .velocity_iterations = iterations(3),
               .limit_iterations = iterations(4),
               .limit_contact_iterations = iterations(5),
               .position_iterations = iterations(6)};

  const auto bodies = numbers_of(parts, "bodies", kBodyColumns);
  for (auto row = bodies; !row.empty(); row = row.subspan(kBodyColumns)) {
    def.bodies.push_back({.dynamic = whole(row[0], 2) == 1, .position = {row[1], row[2]}, .angle = row[3]});
  }
  const auto fixtures = numbers_of(parts, "fixtures", kFixtureColumns);
  for (auto row = fixtures; !row.empty(); row = row.subspan(kFixtureColumns)) {
    constexpr std::size_t kBits = 0x10000;
    Fixture fixture{.points = std::vector<Vec2>(whole(row[7], kMaxPolygonPoints + 1)),
                    .density = row[1],
                    .friction = row[2],
                    .restitution = row[3],
                    .sensor = whole(row[4], 2) == 1,
                    .category = static_cast<std::uint16_t>(whole(row[5], kBits)),
                    .collides_with = static_cast<std::uint16_t>(whole(row[6], kBits))};
    for (std::size_t k = 0; k < fixture.points.size(); ++k) fixture.points[k] = {row[8 + 2 * k], row[9 + 2 * k]};
    def.bodies[whole(row[0], def.bodies.size())].fixtures.push_back(std::move(fixture));
  }
  const auto joints = numbers_of(parts, "hinges", kJointColumns);
  for (auto row = joints; !row.empty(); row = row.subspan(kJointColumns)) {
    def.joints.push_back({.body_a = whole(row[0], def.bodies.size()),
                          .body_b = whole(row[1], def.bodies.size()),
                          .anchor_a = {row[2], row[3]},
                          .anchor_b = {row[4], row[5]},
                          .lower_angle = row[6],
                          .upper_angle = row[7],
                          .motor_speed = row[8],
                          .max_motor_torque = row[9]});
  }

  World world(std::move(def));
  const auto deeds = numbers_of(parts, "deeds", kDeedColumns);
  for (auto row = deeds; !row.empty(); row = row.subspan(kDeedColumns)) {
    constexpr std::size_t kKinds = static_cast<std::size_t>(Deed::Kind::kMotor) + 1;
    const std::size_t targets = std::max(world.def().bodies.size(), world.def().joints.size()) + 1;
    world.impl_->act({static_cast<Deed::Kind>(whole(row[0], kKinds)),
                      static_cast<std::uint32_t>(whole(row[1], targets)),
                      {row[2], row[3], row[4], row[5]}});
  }
  return world;
}

}  // namespace ludus::envs
