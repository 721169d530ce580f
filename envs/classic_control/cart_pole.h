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

  struct Config {
    bool sutton_barto_reward = false;
    std::string kinematics_integrator = "euler";
    double gravity = 9.8;                                               ///< m/s²
    double masscart = 1.0;                                              ///< kg
    double masspole = 0.1;                                              ///< kg
    double length = 0.5;                                                ///< half the pole, m
    double force_mag = 10.0;                                            ///< of one push, N
    double tau = 0.02;                                                  ///< s between two steps
    double theta_threshold_radians = 12 * 2 * 3.141592653589793 / 360;  ///< rad, either side
    double x_threshold = 2.4;                                           ///< m, either side

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("sutton_barto_reward", self.sutton_barto_reward,
            "reward 0 per step and -1 at the fall, instead of 1 per step");
      visit("kinematics_integrator", self.kinematics_integrator,
            one_of("euler", "semi-implicit", "semi-implicit euler"),
            "integration of positions: with the old velocities (euler) or the new ones (semi-implicit)");
      visit("gravity", self.gravity, finite_number(), "acceleration of free fall, m/s²");
      visit("masscart", self.masscart, above(0), "mass of the cart, kg");
      visit("masspole", self.masspole, above(0), "mass of the pole, kg");
      visit("length", self.length, above(0), "half the length of the pole, m");
      visit("force_mag", self.force_mag, finite_number(), "force of one push, N");
      visit("tau", self.tau, above(0), "time between two steps, s");
      visit("theta_threshold_radians", self.theta_threshold_radians, above(0),
            "angle of the pole at which the episode ends, on either side, rad");
      visit("x_threshold", self.x_threshold, above(0), "position of the cart at which the episode ends, likewise, m");
    }

    double total_mass() const { return masspole + masscart; }      ///< kg
    double pole_mass_length() const { return masspole * length; }  ///< kg m; Gymnasium keeps that of the first length
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
