/// @file
/// Drive an underpowered car out of a valley to the flag, by swinging back and forth.
///
/// Source: A. W. Moore, "Efficient Memory-based Learning for Robot Control" (1990); the numbers are those of
/// Gymnasium's MountainCar, reproduced bit for bit.
#pragma once

#include <cstdint>
#include <span>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct MountainCar {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 30;

  struct Config {
    double goal_velocity = 0;    ///< minimum velocity at the flag to reach the goal
    double goal_position = 0.5;  ///< of the flag
    double min_position = -1.2;  ///< position of an inelastic wall
    double max_position = 0.6;
    double max_speed = 0.07;  ///< in either direction, per step
    double force = 0.001;     ///< change of the velocity by the engine in a step
    double gravity = 0.0025;  ///< maximum change of the velocity by the slope in a step

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("goal_velocity", self.goal_velocity, finite_number(), "minimum velocity at the flag to reach the goal");
      visit("goal_position", self.goal_position, finite_number(), "position of the flag");
      visit("min_position", self.min_position, finite_number(), "minimum position, where a wall stops the car");
      visit("max_position", self.max_position, finite_number(), "maximum position");
      visit("max_speed", self.max_speed, above(0), "maximum speed in either direction");
      visit("force", self.force, finite_number(), "change of the velocity by the engine in a step");
      visit("gravity", self.gravity, finite_number(), "maximum change of the velocity by the slope in a step");
    }
    void check() const;
  };

  struct State {
    double position;
    double velocity;  ///< per step
  };

  Config config;

  SpacePtr observation_space() const;  ///< Box(2): position, velocity
  SpacePtr action_space() const;       ///< Discrete(3): 0 accelerates left, 1 not at all, 2 right

  /// At rest, with the position drawn uniformly from [low, high), by default [-0.6, -0.4). Options: "low", "high".
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (2)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
