/// @file
/// A car seen from above: a hull on four wheels that roll, skid, steer and brake.
///
/// The model and its numbers are those of Gymnasium's car_dynamics.py: the wheels' arithmetic is in double precision,
/// the bodies' in single precision (envs/box2d/revolute_joint.h). Reference: C. Campbell, "Top-down car physics"
/// (2014).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "envs/box2d/revolute_joint.h"
#include "envs/box2d/rigid_body.h"

namespace ludus::envs {

inline constexpr double kCarSize = 0.02;                                 ///< m per unit of the car's drawing
inline constexpr double kWheelRadius = 27 * kCarSize;                    ///< m
inline constexpr double kWheelHalfWidth = 14 * kCarSize;                 ///< m
inline constexpr double kFrictionLimit = 1000000 * kCarSize * kCarSize;  ///< N, of a wheel on the road
inline constexpr double kGrassFriction = 0.6;                            ///< share of it on grass

/// Controls and rotation of a wheel.
struct WheelControl {
  double gas = 0;    ///< [0, 1]; rear wheels
  double brake = 0;  ///< [0, 1]; the wheel locks from 0.9 on
  double steer = 0;  ///< target angle to the hull, counter-clockwise, rad; front wheels
  double omega = 0;  ///< rad/s
  double phase = 0;  ///< angle turned about its axle, rad
};

/// The forces of the ground on a wheel, N.
struct TyreForce {
  double forward = 0, side = 0;
  double no_slip = 0;  ///< force that would stop all sliding, before the friction limit
};

/// Simulates engine, brake and tyre for `dt` seconds: updates omega and phase of a wheel with those speeds (m/s) along
/// and across its direction, and returns the force of the ground.
TyreForce roll_wheel(WheelControl& wheel, double forward_speed, double side_speed, double friction_limit, double dt);

/// The latest 30 skid marks, each of at most 30 points.
struct SkidMarks {
  static constexpr std::int32_t kMarks = 30;
  static constexpr std::int32_t kPoints = 30;

  struct Mark {
    std::array<Vec2f, kPoints> points{};
    std::int32_t count = 0;
    std::uint8_t grass = 0;
  };
  std::array<Mark, kMarks> marks{};
  std::int64_t made = 0;  ///< mark k is marks[k % kMarks], for the last kMarks
};

/// The skid mark that a wheel is drawing.
struct SkidPen {
  std::int64_t mark = -1;  ///< index of the mark; -1: none
  std::int32_t points = 0;
  std::uint8_t grass = 0;    ///< on grass
  std::uint8_t started = 0;  ///< `start` is the first point of the next mark
  Vec2f start;
};

struct CarShapes {
  std::array<ConvexPolygon, 4> hull;
  ConvexPolygon wheel;
  MassProperties hull_mass, wheel_mass;
};
const CarShapes& car_shapes();

/// The car's state. A copy continues identically.
struct Car {
  static constexpr std::size_t kWheels = 4;  ///< front left, front right, rear left, rear right

  RigidBody hull;
  std::array<JointedBody, kWheels> wheels;
  std::array<WheelControl, kWheels> controls;
  std::array<SkidPen, kWheels> pens;
  SkidMarks skid_marks;

  /// Returns a car at rest that points to `angle` + 90° (rad). As in Gymnasium, each wheel is rotated about itself
  /// only, not about the hull; the first step pulls them into place.
  static Car at(double angle, double x, double y);

  void steer(double angle);  ///< front wheels
  void gas(double gas);      ///< rear wheels; clipped to [0, 1]; rises by at most 0.1 per step
  void brake(double brake);  ///< all wheels

  /// Steps the wheels: sets the steering motors and returns the force of the ground on each wheel, N. `on_road[i]`:
  /// wheel i touches the road.
  std::array<Vec2f, kWheels> roll(const std::array<bool, kWheels>& on_road, double dt);

  /// Steps the bodies.
  void move(const std::array<Vec2f, kWheels>& forces, double dt);

  double steering_angle() const { return static_cast<double>(joint_angle(hull, wheels[0].body)); }
  double speed() const;  ///< m/s
};

}  // namespace ludus::envs
