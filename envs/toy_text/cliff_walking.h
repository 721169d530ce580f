/// @file
/// Walk along a cliff to the goal: the shortest path is the most dangerous.
///
/// Source: R. S. Sutton and A. G. Barto, "Reinforcement Learning: An Introduction", example 6.6; rules, tables and
/// random numbers are those of Gymnasium's CliffWalking.
#pragma once

#include <cstdint>
#include <memory>

#include "envs/toy_text/tabular_simulator.h"

namespace ludus::envs {

/// Observations: Discrete(48), row x 12 + column. Actions: Discrete(4), 0 up, 1 right, 2 down, 3 left.
struct CliffWalking : TabularSimulator {
  static constexpr std::int64_t kRows = 4;
  static constexpr std::int64_t kColumns = 12;
  static constexpr std::int64_t kStart = 36;  ///< lower left; the cliff is between it and the goal
  static constexpr std::int64_t kGoal = 47;   ///< lower right

  struct Config {
    bool is_slippery = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("is_slippery", self.is_slippery, "a step goes to either side of its direction with probability 1/3 each");
    }
  };

  Config config;

  CliffWalking() { configure(); }
  void configure();  ///< builds the transition model of `config`

  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
