// Environments whose rules are a table: P(s', r, terminated | s, a), for stepping and for planning alike.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "envs/core/env.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

// One thing that may happen after an action.
struct Outcome {
  double probability;
  std::int64_t next_state;
  double reward;
  bool terminated;  // the task ends there: do not bootstrap from next_state
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

class TransitionModel {
 public:
  // Appends what may happen after `action` in `state`. The order is that in which outcomes are drawn, and the same next
  // state may come up more than once.
  using Listing = std::function<void(std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes)>;

  // `start`: probability of each state to begin in (num_states). Throws InvalidArgument unless every list of
  // probabilities is non-negative and sums to 1 within 1e-9 and every next state exists.
  TransitionModel(std::int64_t num_states, std::int64_t num_actions, std::vector<double> start, const Listing& list);

  std::int64_t num_states() const { return num_states_; }
  std::int64_t num_actions() const { return num_actions_; }
  std::span<const double> start() const { return start_; }  // (num_states)

  // What may happen after `action` in `state`; throws InvalidArgument where there is no such state or action.
  std::span<const Outcome> outcomes(std::int64_t state, std::int64_t action) const {
    if (state < 0 || state >= num_states_ || action < 0 || action >= num_actions_) reject(state, action);
    const auto i = static_cast<std::size_t>(state * num_actions_ + action);
    return {outcomes_.data() + first_[i], first_[i + 1] - first_[i]};
  }

  // Both draw exactly one random(), also where only one thing can happen, as Gymnasium's categorical_sample does.
  std::int64_t sample_start(Generator& generator) const;
  const Outcome& sample(std::int64_t state, std::int64_t action, Generator& generator) const;

 private:
  [[noreturn]] void reject(std::int64_t state, std::int64_t action) const;

  std::int64_t num_states_;
  std::int64_t num_actions_;
  std::vector<double> start_;
  std::vector<Outcome> outcomes_;   // of every state and action, one list after another
  std::vector<std::size_t> first_;  // (num_states x num_actions + 1): where each list begins
};

// The model of a tabular environment, wrapped or not; throws NotSupported for any other.
std::shared_ptr<const TransitionModel> transition_model(Env& env);

// Where a tabular environment stands.
struct TabularState {
  std::int64_t state;
  std::int64_t last_action;  // -1 before the first step
  double probability;        // of the last step's outcome; 1 after a reset
};

// An episode by the model alone. Throws InvalidArgument for any option: tabular environments have none.
TabularState tabular_reset(const TransitionModel& model, const Dict& options, Generator& generator);
Transition tabular_step(const TransitionModel& model, TabularState& state, std::int64_t action, Generator& generator);

// Throws InvalidArgument unless the model has that state and action.
void check_tabular(const TransitionModel& model, const TabularState& state);

}  // namespace ludus::envs
