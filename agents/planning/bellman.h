// Bellman's equations over a transition model, for planning and for evaluating learnt values.
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

/// Thrown if double precision cannot represent the values within the requested accuracy.
class PlanningFailed : public WorkError {
 public:
  using WorkError::WorkError;
};

using StateValues = std::vector<double>;         // V: (states)
using StateActions = std::vector<std::int64_t>;  // π: (states), the action of each

/// Returns the greatest reward in magnitude, at most 1: tolerances are multiples of it, so that scaling small rewards
/// does not change a plan. 1 for a model without rewards.
double reward_scale(const envs::TransitionModel& model);

/// Returns q(s,a) = Σ p(s',r|s,a) [r + γ (1 - terminated) V(s')]      Sutton & Barto 4.6
double action_value(const envs::TransitionModel& model, const StateValues& values, double discount, std::int64_t state,
                    std::int64_t action);

/// One in-place sweep over the states: V(s) ← q(s, π(s)) with a policy (4.5), V(s) ← max_a q(s,a) without one (4.10).
/// Returns the largest change, Δ.
double sweep(const envs::TransitionModel& model, double discount, StateValues& values,
             const StateActions* policy = nullptr);

/// Sweeps until the values are within `accuracy` of the fixed point, apart from rounding; returns the number of sweeps.
/// A sweep shrinks the distance by at least a factor of γ, so that after a change of Δ it is at most γ / (1 - γ) Δ.
/// Throws InvalidArgument unless 0 <= discount < 1 and accuracy > 0.
std::int64_t converge(const envs::TransitionModel& model, double discount, double accuracy, StateValues& values,
                      const StateActions* policy = nullptr);

/// Throws PlanningFailed if rounding alone may keep the values farther than `accuracy` from the exact ones: an error of
/// a few ε |V| in every sweep accumulates to 1 / (1 - γ) times as much.
void check_precision(const StateValues& values, double discount, double accuracy);

/// Returns the values of a policy, Vπ, within `accuracy`. Throws as converge() and check_precision() do.
StateValues policy_values(const envs::TransitionModel& model, const StateActions& policy, double discount,
                          double accuracy = 1e-10);

/// Returns all actions with q(s,a) within `slack` of the maximum, in order.
std::vector<std::int64_t> best_actions(const envs::TransitionModel& model, const StateValues& values, double discount,
                                       std::int64_t state, double slack = 1e-9);
/// Returns the first of best_actions() in every state, with a slack of 1e-9 reward_scale().
StateActions greedy_policy(const envs::TransitionModel& model, const StateValues& values, double discount);

/// Returns Σ_s start(s) V(s).
double start_value(const envs::TransitionModel& model, const StateValues& values);

/// Returns the expected undiscounted return of an episode of at most `steps` steps: of a policy, or the optimal one
/// (the best action may then depend on the steps left). Computed by backward induction from V_0 = 0.
double expected_return(const envs::TransitionModel& model, std::int64_t steps, const StateActions* policy = nullptr);

}  // namespace ludus::agents
