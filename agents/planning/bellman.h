// Bellman's equations over a table of transitions: what planning, and judging what was learnt, are made of.
//
// Source: R. Bellman, "Dynamic Programming" (1957); R. S. Sutton and A. G. Barto, "Reinforcement Learning: An
// Introduction" (2nd edition, 2018), chapters 3 and 4.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "envs/core/transition_model.h"

namespace ludus::agents {

// Values that double precision cannot hold as near to the exact ones as was asked for.
class PlanningFailed : public WorkError {
 public:
  using WorkError::WorkError;
};

using StateValues = std::vector<double>;         // V: (states)
using StateActions = std::vector<std::int64_t>;  // π: (states), the action of each

// q(s,a) = Σ p(s',r|s,a) [r + γ (1 - terminated) V(s')]      Sutton & Barto 4.6
double action_value(const envs::TransitionModel& model, const StateValues& values, double discount, std::int64_t state,
                    std::int64_t action);

// One sweep over the states, in place: V(s) ← q(s, π(s)) for a policy (4.5), V(s) ← max_a q(s,a) without one (4.10).
// Returns the greatest change, Δ.
double sweep(const envs::TransitionModel& model, double discount, StateValues& values,
             const StateActions* policy = nullptr);

// Sweeps until the values are within `accuracy` of those the sweeps converge to, rounding aside; returns how many it took.
// A sweep shrinks the distance by γ at least, so that after a change of Δ it is γ / (1 - γ) Δ at most. Throws
// InvalidArgument unless 0 <= discount < 1 and accuracy > 0.
std::int64_t converge(const envs::TransitionModel& model, double discount, double accuracy, StateValues& values,
                      const StateActions* policy = nullptr);

// Throws PlanningFailed where rounding alone may keep such values farther than `accuracy` from the exact ones: an error
// of a few ε |V| in every sweep adds up to 1 / (1 - γ) times as much.
void check_precision(const StateValues& values, double discount, double accuracy);

// The values of a policy, Vπ, within `accuracy`. Throws as converge() and check_precision() do.
StateValues policy_values(const envs::TransitionModel& model, const StateActions& policy, double discount,
                          double accuracy = 1e-10);

// Every action whose q(s,a) is within `slack` of the greatest, in order.
std::vector<std::int64_t> best_actions(const envs::TransitionModel& model, const StateValues& values, double discount,
                                       std::int64_t state, double slack = 1e-9);
// The first of them in every state.
StateActions greedy_policy(const envs::TransitionModel& model, const StateValues& values, double discount);

// Σ_s start(s) V(s)
double start_value(const envs::TransitionModel& model, const StateValues& values);

// The expected undiscounted return of an episode of at most `steps` steps: of a policy, or the greatest there is (the
// best action may then depend on the steps left). By induction backward from the last step, V_0 = 0.
double expected_return(const envs::TransitionModel& model, std::int64_t steps, const StateActions* policy = nullptr);

}  // namespace ludus::agents
