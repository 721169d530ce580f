/// @file
/// Two links hanging from a fixed point, with a torque at the joint between them: swing the free end above the line.
///
/// Sources: R. S. Sutton, "Generalization in Reinforcement Learning: Successful Examples Using Sparse Coarse Coding"
/// (1996), with an equation that lacks a term of Sutton and Barto's book; the numbers are those of Gymnasium's Acrobot,
/// reproduced bit for bit.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct Acrobot {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 15;

  static constexpr double kGravity = 9.8;  ///< m/s²

  struct Config {
    std::string book_or_nips = "book";
    double torque_noise_max = 0;  ///< N m
    double dt = 0.2;              ///< s between two steps
    double link_length_1 = 1;     ///< m
    double link_length_2 = 1;     ///< m, for rendering only: the dynamics use the centre of mass
    double link_mass_1 = 1;       ///< kg
    double link_mass_2 = 1;       ///< kg
    double link_com_pos_1 = 0.5;  ///< centre of mass from the upper end, m
    double link_com_pos_2 = 0.5;  ///< m
    double link_moi = 1;          ///< moment of inertia of each link, kg m²

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("book_or_nips", self.book_or_nips, one_of("book", "nips"),
            "equations of motion: complete (book) or of the paper (nips)");
      visit("torque_noise_max", self.torque_noise_max, at_least(0), "bound of the uniform noise on the torque, ±, N m");
      visit("dt", self.dt, above(0), "time between two steps, s");
      visit("LINK_LENGTH_1", self.link_length_1, above(0), "length of the upper link, m");
      visit("LINK_LENGTH_2", self.link_length_2, above(0), "length of the lower link in the image, m");
      visit("LINK_MASS_1", self.link_mass_1, above(0), "mass of the upper link, kg");
      visit("LINK_MASS_2", self.link_mass_2, above(0), "mass of the lower link, kg");
      visit("LINK_COM_POS_1", self.link_com_pos_1, above(0), "centre of mass of the upper link from its upper end, m");
      visit("LINK_COM_POS_2", self.link_com_pos_2, above(0), "centre of mass of the lower link from its upper end, m");
      visit("LINK_MOI", self.link_moi, above(0), "moment of inertia of each link, kg m²");
    }
  };

  struct State {
    double theta1;          ///< of the upper link from hanging down, rad
    double theta2;          ///< of the lower link from the upper one's direction, rad
    double theta1_dot;      ///< rad/s
    double theta2_dot;      ///< rad/s
    bool single_precision;  ///< float32 values and cosines: only before the first step
  };

  Config config;

  /// Box(6): cos theta1, sin theta1, cos theta2, sin theta2, theta1_dot, theta2_dot
  SpacePtr observation_space() const;
  SpacePtr action_space() const;  ///< Discrete(3): torque -1, 0, 1 N m

  /// Draws all four numbers uniformly from [low, high), by default [-0.1, 0.1), rounded to float32. Options: "low",
  /// "high".
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<float> out) const;  ///< (6)
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
