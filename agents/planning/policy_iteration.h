// Policy iteration: alternates policy evaluation and greedy improvement until the policy is stable.
//
// Source: R. A. Howard, "Dynamic Programming and Markov Processes" (1960); Sutton and Barto 2018, section 4.3.
//
// An action is replaced only by one that is better by more than the accuracy of the evaluation: without this, ties may
// alternate for ever, a known flaw of the book's algorithm (its exercise 4.4).
#pragma once

#include "agents/planning/planner.h"

namespace ludus::agents {

/// Computes an optimal plan. Throws InvalidArgument or PlanningFailed.
Plan policy_iteration(const envs::TransitionModel& model, const PlannerConfig& config = {});

class PolicyIteration final : public Planner {
 public:
  /// Throws as Planner's constructor does. `seed` and `device` are ignored: planning is deterministic and runs on the
  /// CPU.
  PolicyIteration(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  Plan make_plan(const envs::TransitionModel& model, const Config& config) const override {
    return policy_iteration(model, config);
  }
};

}  // namespace ludus::agents
