#include "agents/planning/bellman.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "base/format.h"
#include "base/interruption.h"

namespace ludus::agents {
namespace {

// q(s, π(s)), or max_a q(s,a) without a policy
double backup(const envs::TransitionModel& model, const StateValues& values, double discount, std::int64_t state,
              const StateActions* policy) {
  if (policy) return action_value(model, values, discount, state, (*policy)[static_cast<std::size_t>(state)]);
  double best = action_value(model, values, discount, state, 0);
  for (std::int64_t action = 1; action < model.num_actions(); ++action) {
    best = std::max(best, action_value(model, values, discount, state, action));
  }
  return best;
}

// Over all transitions with positive probability.
double greatest_reward(const envs::TransitionModel& model) {
  double greatest = 0;
  for (std::int64_t state = 0; state < model.num_states(); ++state) {
    for (std::int64_t action = 0; action < model.num_actions(); ++action) {
      for (const envs::Outcome& outcome : model.outcomes(state, action)) {
        greatest = std::max(greatest, std::abs(outcome.reward));
      }
    }
  }
  return greatest;
}

}  // namespace

double reward_scale(const envs::TransitionModel& model) {
  const double greatest = greatest_reward(model);
  return greatest > 0 ? std::min(greatest, 1.0) : 1.0;
}

double action_value(const envs::TransitionModel& model, const StateValues& values, double discount, std::int64_t state,
                    std::int64_t action) {
  double sum = 0;
  for (const envs::Outcome& outcome : model.outcomes(state, action)) {
    // the value after a terminal transition is 0, whatever the value of its last state
    const double future = outcome.terminated ? 0.0 : values[static_cast<std::size_t>(outcome.next_state)];
    sum += outcome.probability * (outcome.reward + discount * future);
  }
  return sum;
}

double sweep(const envs::TransitionModel& model, double discount, StateValues& values, const StateActions* policy) {
  double change = 0;
  for (std::int64_t state = 0; state < model.num_states(); ++state) {
    double& value = values[static_cast<std::size_t>(state)];
    const double updated = backup(model, values, discount, state, policy);
    change = std::max(change, std::abs(updated - value));
    value = updated;
  }
  return change;
}

std::int64_t converge(const envs::TransitionModel& model, double discount, double accuracy, StateValues& values,
                      const StateActions* policy) {
  if (!(discount >= 0 && discount < 1)) {
    throw InvalidArgument(formatted("planning: discount must lie in [0, 1), got {}", discount));
  }
  if (!(accuracy > 0)) throw InvalidArgument(formatted("planning: accuracy must be positive, got {}", accuracy));

  // γ / (1 - γ) Δ ≤ accuracy
  const double enough = accuracy * (1 - discount) / std::max(discount, 1e-300);

  // No value exceeds R / (1 - γ), so that the first change is at most twice the largest, D, and sweep k changes a value
  // by at most γ^(k-1) 2 D. Changes that remain after twice the required sweeps are rounding.
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double largest = std::max({std::abs(*least), std::abs(*most), greatest_reward(model) / (1 - discount), enough});
  const double needed = std::log(enough / (2 * largest)) / std::log(std::max(discount, 1e-300));
  const auto limit = static_cast<std::int64_t>(2 * needed) + 100;

  std::int64_t sweeps = 1;
  while (sweep(model, discount, values, policy) > enough && sweeps < limit) {
    InterruptionScope::poll();
    ++sweeps;
  }
  return sweeps;
}

void check_precision(const StateValues& values, double discount, double accuracy) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double largest = std::max(std::abs(*least), std::abs(*most));
  const double floor = 4 * std::numeric_limits<double>::epsilon() * largest / (1 - discount);
  if (floor <= accuracy) return;
  std::ostringstream text;
  text << "values of up to " << largest << " at a discount of " << discount << " cannot be held to " << accuracy
       << " in double precision, which allows " << floor << "; give a greater tolerance or a smaller discount";
  throw PlanningFailed(text.str());
}

StateValues policy_values(const envs::TransitionModel& model, const StateActions& policy, double discount,
                          double accuracy) {
  StateValues values(static_cast<std::size_t>(model.num_states()), 0.0);
  converge(model, discount, accuracy, values, &policy);
  check_precision(values, discount, accuracy);
  return values;
}

std::vector<std::int64_t> best_actions(const envs::TransitionModel& model, const StateValues& values, double discount,
                                       std::int64_t state, double slack) {
  const double best = backup(model, values, discount, state, nullptr);
  std::vector<std::int64_t> actions;
  for (std::int64_t action = 0; action < model.num_actions(); ++action) {
    if (action_value(model, values, discount, state, action) >= best - slack) actions.push_back(action);
  }
  return actions;
}

StateActions greedy_policy(const envs::TransitionModel& model, const StateValues& values, double discount) {
  const double slack = 1e-9 * reward_scale(model);
  StateActions policy;
  for (std::int64_t state = 0; state < model.num_states(); ++state) {
    policy.push_back(best_actions(model, values, discount, state, slack).front());
  }
  return policy;
}

double start_value(const envs::TransitionModel& model, const StateValues& values) {
  double sum = 0;
  for (std::size_t state = 0; state < values.size(); ++state) sum += model.start()[state] * values[state];
  return sum;
}

double expected_return(const envs::TransitionModel& model, std::int64_t steps, const StateActions* policy) {
  StateValues values(static_cast<std::size_t>(model.num_states()), 0.0), next = values;
  for (std::int64_t left = 0; left < steps; ++left) {
    for (std::int64_t state = 0; state < model.num_states(); ++state) {
      next[static_cast<std::size_t>(state)] = backup(model, values, 1.0, state, policy);
    }
    values.swap(next);
  }
  return start_value(model, values);
}

}  // namespace ludus::agents
