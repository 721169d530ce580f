/// @file
/// Base of simulators that consist of a transition model: everything but building and drawing it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "envs/core/simulator.h"
#include "envs/core/transition_model.h"

namespace ludus::envs {

struct TabularSimulator {
  using Scalar = std::int64_t;
  using State = TabularState;
  static constexpr double kFramesPerSecond = 4;

  SpacePtr observation_space() const { return std::make_unique<Discrete>(model_->num_states()); }
  SpacePtr action_space() const { return std::make_unique<Discrete>(model_->num_actions()); }

  State reset(Generator& generator, const Dict& options) const { return tabular_reset(*model_, options, generator); }
  Transition step(State& state, std::int64_t action, Generator& generator) const {
    return tabular_step(*model_, state, action, generator);
  }
  void observe(const State& state, std::span<std::int64_t> out) const { out[0] = state.state; }  ///< (1)
  void inform(const State& state, Dict& info) const { info["prob"] = state.probability; }  ///< of the last outcome
  void check_state(const State& state) const { check_tabular(*model_, state); }

  std::shared_ptr<const TransitionModel> transition_model() const { return model_; }

 protected:
  std::shared_ptr<const TransitionModel> model_;  ///< set by configure() of the derived class
};

}  // namespace ludus::envs
