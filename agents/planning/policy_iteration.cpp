#include "agents/planning/policy_iteration.h"

namespace ludus::agents {
namespace {

// π(s) ← argmax_a q(s,a), if that is better than π(s) by more than `slack`. Returns whether π changed.
bool improve(const envs::TransitionModel& model, const StateValues& values, double discount, double slack,
             StateActions& policy) {
  bool changed = false;
  for (std::int64_t state = 0; state < model.num_states(); ++state) {
    std::int64_t& action = policy[static_cast<std::size_t>(state)];
    const std::int64_t best = best_actions(model, values, discount, state, 0.0).front();
    if (action_value(model, values, discount, state, best) <=
        action_value(model, values, discount, state, action) + slack) {
      continue;
    }
    action = best;
    changed = true;
  }
  return changed;
}

}  // namespace

// repeat  V ← Vπ (4.5),  π ← greedy on V (4.9)  until π is stable      Sutton & Barto, section 4.3
//
// If no action is better than π's by more than σ, with values V such that |V - Vπ| ≤ ε, then
// |V - V*| ≤ ((1 + γ) ε + σ) / (1 - γ): σ = tolerance (1 - γ) / 2 and ε = σ / 4 keep it within the tolerance.
Plan policy_iteration(const envs::TransitionModel& model, const PlannerConfig& config) {
  const double tolerance = config.tolerance * reward_scale(model);
  const double slack = tolerance * (1 - config.discount) / 2;
  Plan plan;
  plan.values.assign(static_cast<std::size_t>(model.num_states()), 0.0);
  plan.policy.assign(plan.values.size(), 0);
  // every round improves the policy, so no policy occurs twice; far fewer rounds are needed than there are pairs
  std::int64_t rounds = model.num_states() * model.num_actions();
  do {
    if (rounds-- == 0)
      throw PlanningFailed("policy iteration does not converge because of rounding; use a greater tolerance");
    plan.sweeps += converge(model, config.discount, slack / 4, plan.values, &plan.policy);
  } while (improve(model, plan.values, config.discount, slack, plan.policy));
  check_precision(plan.values, config.discount, tolerance);
  plan.policy = greedy_policy(model, plan.values, config.discount);
  return plan;
}

PolicyIteration::PolicyIteration(const Config& config, const EnvSignature& facts, std::uint64_t, const std::string&)
    : Planner("policy_iteration", config, facts) {}

}  // namespace ludus::agents
