#include "envs/box2d/car_dynamics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ludus::envs {
namespace {

// The constants of Gymnasium's car_dynamics.py; lengths of its drawing are multiplied by kCarSize.
constexpr double kEnginePower = 100000000 * kCarSize * kCarSize;  // W
constexpr double kWheelInertia = 4000 * kCarSize * kCarSize;      // kg m², about the axle
constexpr double kTyreStiffness = 205000 * kCarSize * kCarSize;   // N per m/s of sliding
constexpr double kBrakeForce = 15;                                // rad/s that a step of full braking takes
constexpr double kBlockingBrake = 0.9;
constexpr double kSteeringGain = 50.0, kSteeringSpeed = 3.0;  // 1/s; rad/s at most
constexpr double kGasGrowth = 0.1;                            // a step
constexpr double kSkidForce = 2.0;                            // limits of friction from which a wheel leaves a trace
constexpr float kHullDensity = 1.0f, kWheelDensity = 0.1f;    // kg/m²

struct Corner {
  double x, y;
};
constexpr std::array<Corner, Car::kWheels> kWheelPlaces{{{-55, 80}, {55, 80}, {-55, -82}, {55, -82}}};

Vec2f scaled(Corner corner) {
  return {static_cast<float>(corner.x * kCarSize), static_cast<float>(corner.y * kCarSize)};
}

ConvexPolygon polygon(std::initializer_list<Corner> corners) {
  std::vector<Vec2f> points;
  for (const Corner corner : corners) points.push_back(scaled(corner));
  return convex_hull(points);
}

CarShapes make_shapes() {
  CarShapes shapes;
  shapes.hull = {
      polygon({{-60, 130}, {60, 130}, {60, 110}, {-60, 110}}),  // front wing
      polygon({{-15, 120}, {15, 120}, {20, 20}, {-20, 20}}),    // nose
      polygon({{25, 20}, {50, -10}, {50, -40}, {20, -90}, {-20, -90}, {-50, -40}, {-50, -10}, {-25, 20}}),  // body
      polygon({{-50, -120}, {50, -120}, {50, -90}, {-50, -90}}),                                            // rear wing
  };
  shapes.wheel = polygon({{-14, 27}, {14, 27}, {14, -27}, {-14, -27}});
  shapes.hull_mass = mass_properties(shapes.hull, kHullDensity);
  shapes.wheel_mass = mass_properties({&shapes.wheel, 1}, kWheelDensity);
  return shapes;
}

RevoluteJointConfig steering() {
  return {-0.4f, 0.4f, static_cast<float>(180 * 900 * kCarSize * kCarSize)};
}

double sign(double x) {
  return x > 0 ? 1 : (x < 0 ? -1 : 0);
}

// A wheel that slides far beyond the friction's limit draws a line; it begins with the second such step.
void draw_skid(SkidMarks& marks, SkidPen& pen, Vec2f position, bool skids, bool grass) {
  if (!skids) {
    pen.mark = -1;
    pen.started = 0;
    return;
  }
  if (pen.mark >= 0 && (pen.grass != 0) == grass && pen.points < SkidMarks::kPoints) {
    // a mark displaced by newer ones is no longer drawn, but continues to its full length
    if (marks.made - pen.mark <= SkidMarks::kMarks) {
      auto& mark = marks.marks[static_cast<std::size_t>(pen.mark % SkidMarks::kMarks)];
      mark.points[static_cast<std::size_t>(mark.count++)] = position;
    }
    ++pen.points;
  } else if (!pen.started) {
    pen.start = position;
    pen.started = 1;
  } else {
    pen.mark = marks.made++;
    pen.points = 2;
    pen.grass = grass ? 1 : 0;
    pen.started = 0;
    auto& mark = marks.marks[static_cast<std::size_t>(pen.mark % SkidMarks::kMarks)];
    mark = {};
    mark.points[0] = pen.start;
    mark.points[1] = position;
    mark.count = 2;
    mark.grass = pen.grass;
  }
}

}  // namespace

TyreForce roll_wheel(WheelControl& wheel, double forward_speed, double side_speed, double friction_limit, double dt) {
  // engine: dE/dt = P with E = I ω² / 2 gives dω = dt P / (I ω); the 5 rad/s keep a wheel at rest from infinity
  double& omega = wheel.omega;
  omega += dt * kEnginePower * wheel.gas / kWheelInertia / (std::abs(omega) + 5.0);

  if (wheel.brake >= kBlockingBrake) {
    omega = 0;
  } else if (wheel.brake > 0) {
    // slower by that much, but never backwards
    omega += -sign(omega) * std::min(kBrakeForce * wheel.brake, std::abs(omega));
  }
  wheel.phase += omega * dt;

  // the tyre resists sliding, along and across, in proportion to it …
  TyreForce force;
  force.forward = (-forward_speed + omega * kWheelRadius) * kTyreStiffness;
  force.side = -side_speed * kTyreStiffness;
  force.no_slip = std::sqrt(force.forward * force.forward + force.side * force.side);

  // … up to the limit of friction
  if (force.no_slip > friction_limit) {
    force.forward = force.forward / force.no_slip * friction_limit;
    force.side = force.side / force.no_slip * friction_limit;
  }

  // the ground's reaction turns the wheel
  omega -= dt * force.forward * kWheelRadius / kWheelInertia;
  return force;
}

const CarShapes& car_shapes() {
  static const CarShapes shapes = make_shapes();
  return shapes;
}

Car Car::at(double angle, double x, double y) {
  const CarShapes& shapes = car_shapes();
  const auto turned = static_cast<float>(angle);
  Car car;
  car.hull = RigidBody::at({static_cast<float>(x), static_cast<float>(y)}, turned, shapes.hull_mass);
  for (std::size_t i = 0; i < kWheels; ++i) {
    const Corner place = kWheelPlaces[i];
    const Vec2f origin{static_cast<float>(x + place.x * kCarSize), static_cast<float>(y + place.y * kCarSize)};
    car.wheels[i].body = RigidBody::at(origin, turned, shapes.wheel_mass);
    car.wheels[i].joint.anchor = scaled(place);
  }
  return car;
}

void Car::steer(double angle) {
  controls[0].steer = controls[1].steer = angle;
}

void Car::gas(double gas) {
  gas = std::clamp(gas, 0.0, 1.0);
  for (const std::size_t rear : {2, 3}) controls[rear].gas += std::min(gas - controls[rear].gas, kGasGrowth);
}

void Car::brake(double brake) {
  for (WheelControl& wheel : controls) wheel.brake = brake;
}

std::array<Vec2f, Car::kWheels> Car::roll(const std::array<bool, kWheels>& on_road, double dt) {
  std::array<Vec2f, kWheels> forces;
  for (std::size_t i = 0; i < kWheels; ++i) {
    WheelControl& control = controls[i];
    RigidBody& body = wheels[i].body;

    // a proportional servo turns the wheel
    const double error = control.steer - static_cast<double>(joint_angle(hull, body));
    wheels[i].joint.motor_speed =
        static_cast<float>(sign(error) * std::min(kSteeringGain * std::abs(error), kSteeringSpeed));

    const Vec2f forward = body.rotation * Vec2f{0, 1}, side = body.rotation * Vec2f{1, 0};
    const double forward_x = static_cast<double>(forward.x), forward_y = static_cast<double>(forward.y);
    const double side_x = static_cast<double>(side.x), side_y = static_cast<double>(side.y);
    const double v_x = static_cast<double>(body.velocity.x), v_y = static_cast<double>(body.velocity.y);

    const double limit = on_road[i] ? kFrictionLimit : kFrictionLimit * kGrassFriction;
    const TyreForce force =
        roll_wheel(control, forward_x * v_x + forward_y * v_y, side_x * v_x + side_y * v_y, limit, dt);
    draw_skid(skid_marks, pens[i], body.origin, force.no_slip > kSkidForce * limit, !on_road[i]);
    forces[i] = {static_cast<float>(force.side * side_x + force.forward * forward_x),
                 static_cast<float>(force.side * side_y + force.forward * forward_y)};
  }
  return forces;
}

void Car::move(const std::array<Vec2f, kWheels>& forces, double dt) {
  const CarShapes& shapes = car_shapes();
  static const RevoluteJointConfig config = steering();
  advance(hull, shapes.hull_mass, wheels, shapes.wheel_mass, config, forces, {.dt = static_cast<float>(dt)});
}

double Car::speed() const {
  const double x = static_cast<double>(hull.velocity.x), y = static_cast<double>(hull.velocity.y);
  return std::sqrt(x * x + y * y);
}

}  // namespace ludus::envs
