/// @file
/// Land a craft between two flags, on legs, with one main engine and two at its sides.
///
/// The numbers are those of Gymnasium's LunarLander-v3: every random draw, the terrain, the engines, the wind and the
/// rewards exactly, the motion as Box2D 2.4 computes it (Gymnasium runs 2.3, its solver differs in details: the two
/// agree to 1e-5 in flight and diverge slowly after ground contact).
/// Quirks of the original: the height of the side engines depends on the tilt (17 and 14 in the source), and a leg that
/// leaves one piece of the ground counts as lifted even if it touches the next.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "envs/box2d/world.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

struct LunarLanderConfig {
  bool continuous = false;
  double gravity = -10.0;  ///< m/s², above -12 and below 0
  bool enable_wind = false;
  double wind_power = 15.0;       ///< N at most
  double turbulence_power = 1.5;  ///< N m at most

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("continuous", self.continuous, "engines with a throttle: actions are Box(2) instead of Discrete(4)");
    visit("gravity", self.gravity, above(-12).below(0), "acceleration of free fall, m/s²");
    visit("enable_wind", self.enable_wind, "wind and turbulence push the craft until a leg touches the ground");
    visit("wind_power", self.wind_power, between(-1e6, 1e6), "maximum force of the wind, N; 0 to 20 is sensible");
    visit("turbulence_power", self.turbulence_power, between(-1e6, 1e6),
          "maximum torque of the turbulence, N m; 0 to 2 is sensible");
  }
};

struct LunarLanderState {
  /// State outside the physics world.
  struct Progress {
    bool crashed = false;                ///< the hull has touched the ground
    bool first_leg = false;              ///< the one on the right touches the ground
    bool second_leg = false;             ///< the one on the left
    std::optional<double> shaping = {};  ///< potential of the last state; its change is the reward
    std::int64_t wind_index = 0;         ///< arguments of the two functions that the wind follows
    std::int64_t torque_index = 0;
    double main_power = 0;  ///< of the last step, 0 or 0.5 to 1; for the image
    double side_power = 0;  ///< the same; negative: the engine on the right, which pushes to the left

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("crashed", self.crashed, "");
      visit("first_leg", self.first_leg, "");
      visit("second_leg", self.second_leg, "");
      visit("shaping", self.shaping, "");
      visit("wind_index", self.wind_index, "");
      visit("torque_index", self.torque_index, "");
      visit("main_power", self.main_power, "");
      visit("side_power", self.side_power, "");
    }
  };

  World world;
  Progress progress = {};

  Value save() const;
  static LunarLanderState restore(const Value& saved);  ///< throws TypeMismatch or InvalidArgument
};

/// Actions are Discrete(4), or with `continuous` Box(2).
template <bool continuous>
struct BasicLunarLander {
  using Scalar = float;
  using Config = LunarLanderConfig;
  using State = LunarLanderState;
  static constexpr double kFramesPerSecond = 50;

  /// Bodies of the world, in the order of its plan.
  static constexpr std::size_t kMoon = 0, kCraft = 1, kFirstLeg = 2, kSecondLeg = 3;

  Config config{.continuous = continuous};

  SpacePtr observation_space() const;  ///< Box(8): x, y, their speeds, angle, its speed, contact of either leg
  SpacePtr action_space() const;

  void configure() const;  ///< throws InvalidArgument if `continuous` is not this simulator's
  void check_state(const State& state) const;

  /// Draws twelve heights, the two components of the initial push, with wind its two phases, and the random numbers of
  /// one step without engines. There are no options.
  State reset(Generator& generator, const Dict& options) const;
  /// 0: nothing, 1: engine on the right (pushes to the left), 2: main engine, 3: engine on the left.
  Transition step(State& state, std::int64_t action, Generator& generator) const requires(!continuous);
  /// Main engine: off up to 0, then 50 % to 100 % throttle at 1. Side engines: off between -0.5 and 0.5, then their
  /// throttle; negative: the one on the right. Clipped to [-1, 1].
  Transition step(State& state, std::span<const float> action, Generator& generator) const requires continuous;
  Transition step(State& state, std::span<const double> action, Generator& generator) const requires continuous;
  void observe(const State& state, std::span<float> out) const;  ///< (8)
  Scene draw(const State& state) const;
};

extern template struct BasicLunarLander<false>;
extern template struct BasicLunarLander<true>;

using LunarLander = BasicLunarLander<false>;
using LunarLanderContinuous = BasicLunarLander<true>;

}  // namespace ludus::envs
