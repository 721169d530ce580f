// Environments with a table of transition probabilities P(s', r, terminated | s, a), for stepping and planning.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "envs/core/env.h"
#include "envs/core/simulator.h"

namespace ludus::envs {

/// A possible outcome of an action.
struct Outcome {
  double probability;
  std::int64_t next_state;
  double reward;
  bool terminated;  // next_state is terminal: do not bootstrap from it
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

class TransitionModel {
 public:
  /// Appends the possible outcomes of `action` in `state`, in the order used for sampling. A next state may occur more
  /// than once.
  using Listing = std::function<void(std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes)>;

  /// `start`: initial state distribution (num_states). Throws InvalidArgument unless all probabilities are
  /// non-negative, each distribution sums to 1 within 1e-9, and every next state exists.
  TransitionModel(std::int64_t num_states, std::int64_t num_actions, std::vector<double> start, const Listing& list);

  std::int64_t num_states() const { return num_states_; }
  std::int64_t num_actions() const { return num_actions_; }
  std::span<const double> start() const { return start_; }  // (num_states)

  /// Returns the possible outcomes of `action` in `state`. Throws InvalidArgument if the state or action does not
  /// exist.
  std::span<const Outcome> outcomes(std::int64_t state, std::int64_t action) const {
    if (state < 0 || state >= num_states_ || action < 0 || action >= num_actions_) reject(state, action);
    const auto i = static_cast<std::size_t>(state * num_actions_ + action);
    return {outcomes_.data() + first_[i], first_[i + 1] - first_[i]};
  }

  /// Both use exactly one random(), even for a single possible outcome, as Gymnasium's categorical_sample does.
  std::int64_t sample_start(Generator& generator) const;
  const Outcome& sample(std::int64_t state, std::int64_t action, Generator& generator) const;

 private:
  [[noreturn]] void reject(std::int64_t state, std::int64_t action) const;

  std::int64_t num_states_;
  std::int64_t num_actions_;
  std::vector<double> start_;
  std::vector<Outcome> outcomes_;   // outcomes of all states and actions, concatenated
  std::vector<std::size_t> first_;  // (num_states x num_actions + 1): start of each list
};

/// Returns the model of a tabular environment, wrapped or not. Throws NotSupported for any other environment.
std::shared_ptr<const TransitionModel> transition_model(Env& env);

/// The state of a tabular environment.
struct TabularState {
  std::int64_t state;
  std::int64_t last_action;  // -1 before the first step
  double probability;        // probability of the last outcome; 1 after a reset
};

/// Reset and step by the model alone. Throw InvalidArgument for any option, because tabular environments have none.
TabularState tabular_reset(const TransitionModel& model, const Dict& options, Generator& generator);
Transition tabular_step(const TransitionModel& model, TabularState& state, std::int64_t action, Generator& generator);

/// Throws InvalidArgument unless the model has this state and action.
void check_tabular(const TransitionModel& model, const TabularState& state);

}  // namespace ludus::envs
