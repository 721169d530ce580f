/// @file
/// Walk a hull on two legs with four motors to the far end of uneven ground; the hardcore ground has obstacles.
///
/// The numbers are those of Gymnasium's BipedalWalker-v3 under NumPy 2: every random draw, the ground, the clouds and
/// the rewards exactly (a float32 action makes the reward a float32), the motion as Box2D 2.4 computes it (Gymnasium
/// runs 2.3; see envs/box2d/world.cpp for how its motion is matched).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "envs/box2d/bipedal_terrain.h"
#include "envs/box2d/world.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

struct BipedalWalker {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 50;
  static constexpr std::size_t kLidarRays = 10;
  static constexpr std::size_t kObservationSize = 14 + kLidarRays;

  struct Config {
    bool hardcore = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("hardcore", self.hardcore, "stumps, stairs and pits on the ground");
    }
  };

  struct State {
    struct Progress {
      bool fallen = false;                 ///< the hull has touched the ground
      bool first_foot = false;             ///< touches the ground
      bool second_foot = false;            ///< touches the ground
      std::optional<double> shaping = {};  ///< potential of the last state; its change is the reward

      template <class Self, class Visit>
      static void fields(Self& self, Visit&& visit) {
        visit("fallen", self.fallen, "");
        visit("first_foot", self.first_foot, "");
        visit("second_foot", self.second_foot, "");
        visit("shaping", self.shaping, "");
      }
    };

    /// The ground comes first in the world's definition: obstacles, then the edges between its points. Last come the
    /// hull and the legs, thigh and shank of the first, then of the second.
    World world;
    std::vector<BipedalTerrain::Cloud> clouds;
    Progress progress = {};

    std::size_t hull() const { return world.def().bodies.size() - 5; }
    std::size_t first_foot() const { return hull() + 2; }
    std::size_t second_foot() const { return hull() + 4; }

    Value save() const;
    static State restore(const Value& saved);  ///< throws TypeMismatch or InvalidArgument
  };

  Config config;

  /// Box(24): the hull's angle, its speed, the hull's two speeds; for either leg the hip's angle and speed, the knee's
  /// angle and speed, contact of the foot; ten distances that the lidar measures, from straight down to nearly forward.
  SpacePtr observation_space() const;
  /// Box(4): hip and knee of the first leg, of the second; the sign is the direction, the size the torque. Clipped to
  /// [-1, 1].
  SpacePtr action_space() const;

  void check_state(const State& state) const;

  /// Draws the ground, the clouds and an initial force on the hull, then steps once without torque. No options.
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::span<const float> action, Generator& generator) const;
  Transition step(State& state, std::span<const double> action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (24)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
