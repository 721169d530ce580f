/// @file
/// MountainCar with a continuous force, at a cost.
///
/// Source: A. W. Moore, "Efficient Memory-based Learning for Robot Control" (1990); the numbers are those of
/// Gymnasium's MountainCarContinuous under NumPy 2, reproduced bit for bit. Its state is a float32 from the first
/// step on and its arithmetic takes the precision of the action, so a float64 action changes the last bits.
#pragma once

#include <span>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct MountainCarContinuous {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 30;

  struct Config {
    double goal_velocity = 0;     ///< minimum velocity at the flag to reach the goal
    double goal_position = 0.45;  ///< of the flag
    double min_position = -1.2;   ///< position of an inelastic wall
    double max_position = 0.6;
    double max_speed = 0.07;  ///< in either direction, per step
    double power = 0.0015;    ///< change of the velocity by a force of 1 in a step
    double min_action = -1;   ///< forces are clipped between these
    double max_action = 1;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("goal_velocity", self.goal_velocity, finite_number(), "minimum velocity at the flag to reach the goal");
      visit("goal_position", self.goal_position, finite_number(), "position of the flag");
      visit("min_position", self.min_position, finite_number(), "minimum position, where a wall stops the car");
      visit("max_position", self.max_position, finite_number(), "maximum position");
      visit("max_speed", self.max_speed, above(0), "maximum speed in either direction");
      visit("power", self.power, finite_number(), "change of the velocity by a force of 1 in a step");
      visit("min_action", self.min_action, finite_number(), "maximum force to the left, negative");
      visit("max_action", self.max_action, finite_number(), "maximum force to the right");
    }
    void check() const;
  };

  struct State {
    double position;
    double velocity;        ///< per step
    bool double_precision;  ///< both are doubles: only before the first step
  };

  Config config;

  SpacePtr observation_space() const;  ///< Box(2): position, velocity
  SpacePtr action_space() const;       ///< Box(1): force, clipped to [-1, 1]

  /// At rest, with the position drawn uniformly from [low, high), by default [-0.6, -0.4). Options: "low", "high".
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::span<const float> action, Generator& generator) const;
  Transition step(State& state, std::span<const double> action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (2)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
