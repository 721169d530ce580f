// A car seen from above: a hull on four wheels that roll, skid, steer and brake.
//
// The model and its numbers are those of Gymnasium's car_dynamics.py: the wheels' arithmetic is in double precision,
// the bodies' in single precision (envs/box2d/hinge.h). Reference: C. Campbell, "Top-down car physics" (2014).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "envs/box2d/hinge.h"
#include "envs/box2d/rigid_body.h"

namespace ludus::envs {

inline constexpr double kCarSize = 0.02;                                 // m per unit of the car's drawing
inline constexpr double kWheelRadius = 27 * kCarSize;                    // m
inline constexpr double kWheelHalfWidth = 14 * kCarSize;                 // m
inline constexpr double kFrictionLimit = 1000000 * kCarSize * kCarSize;  // N, of a wheel on the road
inline constexpr double kGrassFriction = 0.6;                            // share of it on grass

// What the driver asks of one wheel and how fast it turns.
struct WheelControl {
  double gas = 0;    // [0, 1]; rear wheels
  double brake = 0;  // [0, 1]; from 0.9 on the wheel is blocked
  double steer = 0;  // wanted angle to the hull, counter-clockwise, rad; front wheels
  double omega = 0;  // rad/s
  double phase = 0;  // angle turned about its axle, rad
};

// The forces of the ground on a wheel, N.
struct TyreForce {
  double forward = 0, side = 0;
  double wanted = 0;  // that it would take to stop all sliding; the ground gives no more than the friction's limit
};

// Engine, brake and tyre during `dt` seconds: updates omega and phase of a wheel that moves with those speeds (m/s)
// along and across itself, and returns the ground's force.
TyreForce roll_wheel(WheelControl& wheel, double forward_speed, double side_speed, double friction_limit, double dt);

// Traces of skidding, the latest 30, each of at most 30 points.
struct SkidMarks {
  static constexpr std::int32_t kMarks = 30;
  static constexpr std::int32_t kPoints = 30;

  struct Mark {
    std::array<Vec2f, kPoints> points{};
    std::int32_t count = 0;
    std::uint8_t grass = 0;
  };
  std::array<Mark, kMarks> marks{};
  std::int64_t made = 0;  // mark k is marks[k % kMarks]; the last kMarks are there
};

// The trace that a wheel draws.
struct SkidPen {
  std::int64_t mark = -1;  // number of the mark; -1: none
  std::int32_t points = 0;
  std::uint8_t grass = 0;    // the mark lies on grass
  std::uint8_t started = 0;  // `start` is the first point of a mark to come
  Vec2f start;
};

struct CarShapes {
  std::array<ConvexPolygon, 4> hull;
  ConvexPolygon wheel;
  MassProperties hull_mass, wheel_mass;
};
const CarShapes& car_shapes();

// A plain value: a copy drives on identically.
struct Car {
  static constexpr std::size_t kWheels = 4;  // front left, front right, rear left, rear right

  RigidBody hull;
  std::array<Hinged, kWheels> wheels;
  std::array<WheelControl, kWheels> controls;
  std::array<SkidPen, kWheels> pens;
  SkidMarks skid_marks;

  // At rest, its nose in the direction of `angle` + 90° (rad). The wheels are not turned about the hull but only
  // each about itself, as Gymnasium puts them; the first step pulls them into place.
  static Car at(double angle, double x, double y);

  void steer(double angle);  // front wheels
  void gas(double gas);      // rear wheels; clipped to [0, 1]; grows by at most 0.1 a step, falls at once
  void brake(double brake);  // all wheels

  // The wheels' part of a step: motors of the steering and the forces of the ground, N, on each wheel; `on_road[i]`:
  // wheel i touches the road.
  std::array<Vec2f, kWheels> roll(const std::array<bool, kWheels>& on_road, double dt);

  // The bodies' part of a step.
  void move(const std::array<Vec2f, kWheels>& forces, double dt);

  double steering_angle() const { return static_cast<double>(hinge_angle(hull, wheels[0].body)); }
  double speed() const;  // m/s
};

}  // namespace ludus::envs
