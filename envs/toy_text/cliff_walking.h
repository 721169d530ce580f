// Along the edge of a cliff to the goal: the short way is the dangerous one.
//
// Source: R. S. Sutton and A. G. Barto, "Reinforcement Learning: An Introduction", example 6.6; rules, tables and random
// numbers are those of Gymnasium's CliffWalking.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "envs/core/simulator.h"
#include "envs/core/transition_model.h"

namespace ludus::envs {

struct CliffWalking {
  using Scalar = std::int64_t;
  using State = TabularState;  // state: row x 12 + column
  static constexpr double kFramesPerSecond = 4;

  static constexpr std::int64_t kRows = 4;
  static constexpr std::int64_t kColumns = 12;
  static constexpr std::int64_t kStart = 36;  // lower left; the cliff lies between it and the goal
  static constexpr std::int64_t kGoal = 47;   // lower right

  struct Config {
    bool is_slippery = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("is_slippery", self.is_slippery, "a step goes to either side of its direction with probability 1/3 each");
    }
  };

  Config config;

  CliffWalking() { configure(); }
  void configure();  // makes the table that belongs to `config`

  SpacePtr observation_space() const;  // Discrete(48): the cell
  SpacePtr action_space() const;       // Discrete(4): 0 up, 1 right, 2 down, 3 left
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<std::int64_t> out) const;  // (1)
  void inform(const State& state, Dict& info) const;                    // "prob": of the last outcome
  void check_state(const State& state) const { check_tabular(*model_, state); }
  Scene draw(const State& state) const;

  std::shared_ptr<const TransitionModel> transition_model() const { return model_; }

 private:
  std::shared_ptr<const TransitionModel> model_;
};

}  // namespace ludus::envs
