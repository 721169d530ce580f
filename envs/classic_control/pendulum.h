/// @file
/// Swing up a pendulum and hold it upright, with a torque too weak to lift it directly.
///
/// The numbers are those of Gymnasium's Pendulum under NumPy 2, reproduced bit for bit: a float32 action is squared
/// and multiplied in float32, a float64 action in double.
#pragma once

#include <span>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct Pendulum {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 30;

  struct Config {
    double g = 10.0;          ///< m/s²
    double m = 1.0;           ///< kg
    double l = 1.0;           ///< m
    double dt = 0.05;         ///< s between two steps
    double max_speed = 8;     ///< rad/s, in either direction
    double max_torque = 2.0;  ///< N m, in either direction

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("g", self.g, finite_number(), "acceleration of free fall, m/s²");
      visit("m", self.m, above(0), "mass of the pendulum, kg");
      visit("l", self.l, above(0), "length of the pendulum, m");
      visit("dt", self.dt, above(0), "time between two steps, s");
      visit("max_speed", self.max_speed, above(0), "maximum angular speed, rad/s");
      visit("max_torque", self.max_torque, above(0), "maximum torque, N m");
    }
  };

  struct State {
    double theta;      ///< from upright, counter-clockwise, not wrapped, rad
    double theta_dot;  ///< rad/s
    double torque;     ///< of the last step, for rendering, N m; 0 after a reset
  };

  Config config;

  SpacePtr observation_space() const;  ///< Box(3): cos theta, sin theta, theta_dot
  SpacePtr action_space() const;       ///< Box(1): torque, clipped to [-2, 2] N m

  /// Draws theta uniformly from [-x_init, x_init), by default pi, and theta_dot from [-y_init, y_init), by default 1.
  /// Options: "x_init" (rad), "y_init" (rad/s).
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::span<const float> action, Generator& generator) const;
  Transition step(State& state, std::span<const double> action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (3)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
