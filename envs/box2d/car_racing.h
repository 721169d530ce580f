/// @file
/// Race on a random track, seen from above as an image of 96 by 96 pixels.
///
/// Gymnasium's CarRacing-v3: every random draw, the track, the car's motion and the rewards to the last bit (Box2D
/// 2.3's solver is reproduced, see envs/box2d/revolute_joint.h). Two things differ: the pixels are smoothed by another
/// method, and of several contacts that begin in one step those of the lower tile come first, which can matter only for
/// the step in which a lap below all tiles is complete.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "envs/box2d/car_dynamics.h"
#include "envs/box2d/track.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

struct CarRacingConfig {
  double lap_complete_percent = 0.95;
  bool domain_randomize = false;
  bool continuous = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("lap_complete_percent", self.lap_complete_percent, between(0, 1),
          "share of the tiles to visit before a lap counts as complete");
    visit("domain_randomize", self.domain_randomize, "random colours of road and grass in every episode");
    visit("continuous", self.continuous, "actions are Box(3): steering, gas, brake; otherwise Discrete(5)");
  }
};

struct CarRacingState {
  using Rgb = std::array<double, 3>;

  /// Bits of a tile.
  static constexpr std::uint8_t kHullTouches = 1 << Car::kWheels;          ///< below it, one bit for each wheel
  static constexpr std::uint8_t kTouches = (1 << (Car::kWheels + 1)) - 1;  ///< any part of the car
  static constexpr std::uint8_t kVisited = 1 << 5;                         ///< by a wheel
  static constexpr std::uint8_t kWorn = 1 << 6;  ///< touched by any part of the car: has lost its tint

  enum Lap : std::uint8_t { kGoingOn, kFinished, kLeftThePlayfield };

  /// All numbers; a copy of them and of `tiles` on the same track continues identically.
  struct Drive {
    Car car;
    double time = 0;           ///< s since the reset
    double reward = 0;         ///< sum of the episode
    double reward_before = 0;  ///< sum up to the step before
    double reward_shown = 0;   ///< sum shown in the image, before the frame's cost
    std::int64_t visited = 0;  ///< tiles
    Rgb road{102, 102, 102}, background{102, 204, 102}, grass{102, 230, 102};
    std::uint8_t new_lap = 0;     ///< the start was crossed with enough tiles visited
    std::uint8_t lap = kGoingOn;  ///< result of the last step
  };

  std::shared_ptr<const Track> track;
  std::vector<std::uint8_t> tiles;  ///< bits
  Drive drive;

  Value save() const;
  static CarRacingState restore(const Value& saved);  ///< throws TypeMismatch or InvalidArgument
};

/// Actions are Box(3), or without `continuous` Discrete(5).
template <bool continuous>
struct BasicCarRacing {
  using Scalar = std::uint8_t;
  using Config = CarRacingConfig;
  using State = CarRacingState;
  static constexpr double kFramesPerSecond = 50;

  Config config{.continuous = continuous};

  SpacePtr observation_space() const;  ///< Box(0, 255, (96, 96, 3), uint8): rows from the top, red, green, blue
  SpacePtr action_space() const;

  void configure() const;  ///< throws InvalidArgument if `continuous` is not this simulator's

  /// Draws the colours, with domain_randomize, and the track, then steps once without action. Option: "randomize"
  /// (bool, with domain_randomize only): false keeps the colours of the previous episode and draws none. Without a
  /// previous episode they are drawn from a copy of the generator, so that the track's draws do not change.
  State reset(Generator& generator, const Dict& options) const;
  State reset(Generator& generator, const Dict& options, const State& before) const;

  /// Steering: -1 is full left, 1 full right; gas, clipped to [0, 1]; brake, which locks the wheels from 0.9 on.
  Transition step(State& state, std::span<const float> action, Generator& generator) const requires continuous;
  Transition step(State& state, std::span<const double> action, Generator& generator) const requires continuous;
  /// 0: nothing, 1: steer right, 2: steer left, 3: gas, 4: brake.
  Transition step(State& state, std::int64_t action, Generator& generator) const requires(!continuous);

  void observe(const State& state, std::span<std::uint8_t> out) const;  ///< (96 x 96 x 3)
  void inform(const State& state, Dict& info) const;  ///< "lap_finished" in the step that ends the episode
  Scene draw(const State& state) const;
};

extern template struct BasicCarRacing<false>;
extern template struct BasicCarRacing<true>;

using CarRacing = BasicCarRacing<true>;
using CarRacingDiscrete = BasicCarRacing<false>;

}  // namespace ludus::envs
