#include "agents/planning/value_iteration.h"

namespace ludus::agents {

// V(s) ← max_a Σ p(s',r|s,a) [r + γ V(s')]      Sutton & Barto 4.10
Plan value_iteration(const envs::TransitionModel& model, const PlannerConfig& config) {
  const double tolerance = config.tolerance * reward_scale(model);
  Plan plan;
  plan.values.assign(static_cast<std::size_t>(model.num_states()), 0.0);
  plan.sweeps = converge(model, config.discount, tolerance, plan.values);
  check_precision(plan.values, config.discount, tolerance);
  plan.policy = greedy_policy(model, plan.values, config.discount);
  return plan;
}

ValueIteration::ValueIteration(const Config& config, const EnvSignature& facts, std::uint64_t, const std::string&)
    : Planner("value_iteration", config, facts) {}

}  // namespace ludus::agents
