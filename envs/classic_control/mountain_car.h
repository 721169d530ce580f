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
    double min_position = -1.2;  ///< an inelastic wall
    double max_position = 0.6;
    double max_speed = 0.07;  ///< either way, per step
    double force = 0.001;     ///< of the engine, added to the velocity in a step
    double gravity = 0.0025;  ///< the most that the slope adds to the velocity in a step

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("goal_velocity", self.goal_velocity, "minimum velocity at the flag to reach the goal");
      visit("goal_position", self.goal_position, "where the flag stands");
      visit("min_position", self.min_position, "the wall on the left");
      visit("max_position", self.max_position, "the end of the world on the right");
      visit("max_speed", self.max_speed, "largest speed, either way");
      visit("force", self.force, "what the engine adds to the velocity in a step");
      visit("gravity", self.gravity, "the most that the slope adds to the velocity in a step");
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
