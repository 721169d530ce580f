/// @file
/// Balance a pole on a cart by pushing the cart left and right.
///
/// Source: A. G. Barto, R. S. Sutton and C. W. Anderson, "Neuronlike Adaptive Elements That Can Solve Difficult
/// Learning Control Problems" (1983); the numbers are those of Gymnasium's CartPole, reproduced bit for bit.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct CartPole {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 50;  ///< one per step of 0.02 s

  static constexpr double kGravity = 9.8;                                  ///< m/s²
  static constexpr double kCartMass = 1.0;                                 ///< kg
  static constexpr double kPoleMass = 0.1;                                 ///< kg
  static constexpr double kTotalMass = kPoleMass + kCartMass;              ///< kg
  static constexpr double kHalfLength = 0.5;                               ///< half the pole, m
  static constexpr double kPoleMassLength = kPoleMass * kHalfLength;       ///< kg m
  static constexpr double kForce = 10.0;                                   ///< of one push, N
  static constexpr double kTau = 0.02;                                     ///< s between two steps
  static constexpr double kThetaLimit = 12 * 2 * 3.141592653589793 / 360;  ///< rad, either side
  static constexpr double kXLimit = 2.4;                                   ///< m, either side

  struct Config {
    bool sutton_barto_reward = false;
    std::string kinematics_integrator = "euler";

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("sutton_barto_reward", self.sutton_barto_reward,
            "reward 0 per step and -1 at the fall, instead of 1 per step");
      visit("kinematics_integrator", self.kinematics_integrator,
            one_of("euler", "semi-implicit", "semi-implicit euler"),
            "integration of positions: with the old velocities (euler) or the new ones (semi-implicit)");
    }
  };

  struct State {
    double x;          ///< of the cart, m
    double x_dot;      ///< m/s
    double theta;      ///< of the pole from upright, rad
    double theta_dot;  ///< rad/s
    bool fallen;       ///< the episode has terminated
  };

  Config config;

  SpacePtr observation_space() const;  ///< Box(4): x, x_dot, theta, theta_dot
  SpacePtr action_space() const;       ///< Discrete(2): 0 pushes left, 1 right

  /// Draws all four numbers uniformly from [low, high), by default [-0.05, 0.05). Options: "low", "high".
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (4)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
