#include "envs/core/transition_model.h"

#include <cmath>

#include "base/format.h"

namespace ludus::envs {
namespace {

constexpr double kTolerance = 1e-9;  // on the sum of probabilities

void check_distribution(bool non_negative, double sum, const std::string& distribution) {
  if (non_negative && std::abs(sum - 1) <= kTolerance) return;
  throw InvalidArgument(formatted("transition model: the probabilities of {} must be non-negative and sum to 1, got {}",
                                  distribution, non_negative ? formatted("a sum of {}", sum) : "a negative one"));
}

std::string pair_text(std::int64_t state, std::int64_t action) {
  return formatted("action {} in state {}", action, state);
}

}  // namespace

TransitionModel::TransitionModel(std::int64_t num_states, std::int64_t num_actions, std::vector<double> start,
                                 const Listing& list)
    : num_states_(num_states), num_actions_(num_actions), start_(std::move(start)) {
  if (num_states <= 0 || num_actions <= 0 || std::ssize(start_) != num_states) {
    throw InvalidArgument(
        formatted("transition model: must have states, actions and one start probability per state, got {} states, {} "
                  "actions and {} start probabilities",
                  num_states, num_actions, start_.size()));
  }
  double sum = 0;
  bool non_negative = true;
  for (const double probability : start_) sum += probability, non_negative = non_negative && probability >= 0;
  check_distribution(non_negative, sum, "the start states");

  first_.reserve(static_cast<std::size_t>(num_states * num_actions + 1));
  for (std::int64_t state = 0; state < num_states; ++state) {
    for (std::int64_t action = 0; action < num_actions; ++action) {
      const std::size_t first = outcomes_.size();
      first_.push_back(first);
      list(state, action, outcomes_);
      sum = 0, non_negative = true;
      for (std::size_t i = first; i < outcomes_.size(); ++i) {
        const Outcome& outcome = outcomes_[i];
        sum += outcome.probability, non_negative = non_negative && outcome.probability >= 0;
        if (outcome.next_state >= 0 && outcome.next_state < num_states) continue;
        throw InvalidArgument(formatted("transition model: states must lie in [0, {}], got {} after {}", num_states - 1,
                                        outcome.next_state, pair_text(state, action)));
      }
      check_distribution(non_negative, sum, pair_text(state, action));
    }
  }
  first_.push_back(outcomes_.size());
}

std::int64_t TransitionModel::sample_start(Generator& generator) const {
  return static_cast<std::int64_t>(categorical_sample(start_, generator));
}

const Outcome& TransitionModel::sample(std::int64_t state, std::int64_t action, Generator& generator) const {
  const std::span<const Outcome> possible = outcomes(state, action);
  const double u = generator.random();

  // the first outcome with cumulative probability above u; the first of all if the rounded sum is below u
  double cumulative = 0;
  for (const Outcome& outcome : possible) {
    cumulative += outcome.probability;
    if (cumulative > u) return outcome;
  }
  return possible.front();
}

void TransitionModel::reject(std::int64_t state, std::int64_t action) const {
  throw InvalidArgument(formatted("transition model: states must lie in [0, {}] and actions in [0, {}], got {}",
                                  num_states_ - 1, num_actions_ - 1, pair_text(state, action)));
}

std::shared_ptr<const TransitionModel> transition_model(Env& env) {
  if (auto model = env.unwrapped().transition_model()) return model;
  throw NotSupported(formatted("{} has no table of transitions; toy text environments other than Blackjack have one",
                               env.spec().id.empty() ? "this environment" : env.spec().id));
}

TabularState tabular_reset(const TransitionModel& model, const Dict& options, Generator& generator) {
  if (!options.empty()) {
    throw InvalidArgument(formatted("unknown reset option \"{}\"; this environment has none", options.begin()->first));
  }
  return {.state = model.sample_start(generator), .last_action = -1, .probability = 1};
}

Transition tabular_step(const TransitionModel& model, TabularState& state, std::int64_t action, Generator& generator) {
  const Outcome& outcome = model.sample(state.state, action, generator);
  state = {.state = outcome.next_state, .last_action = action, .probability = outcome.probability};
  return {outcome.reward, outcome.terminated};
}

void check_tabular(const TransitionModel& model, const TabularState& state) {
  if (state.last_action >= -1 && state.last_action < model.num_actions() && state.state >= 0 &&
      state.state < model.num_states() && state.probability >= 0 && state.probability <= 1) {
    return;
  }
  throw InvalidArgument(formatted("saved state: must be of an environment with {} states, got state {}",
                                  model.num_states(), state.state));
}

}  // namespace ludus::envs
