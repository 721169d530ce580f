// Policy iteration: evaluate a policy, act greedily on its values, and again, until nothing is left to improve.
//
// Source: R. A. Howard, "Dynamic Programming and Markov Processes" (1960); Sutton and Barto 2018, section 4.3.
//
// An action is exchanged only for one that is better by more than the accuracy of the evaluation: equals that change
// places for ever are the known fault of the book's box (its exercise 4.4).
#pragma once

#include "agents/planning/planner.h"

namespace ludus::agents {

// Throws InvalidArgument or PlanningFailed.
Plan policy_iteration(const envs::TransitionModel& model, const PlannerConfig& config = {});

class PolicyIteration final : public Planner {
 public:
  // Throws what Planner's constructor does. `seed` and `device` are not needed: a plan is arithmetic on the processor.
  PolicyIteration(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  Plan make_plan(const envs::TransitionModel& model, const Config& config) const override {
    return policy_iteration(model, config);
  }
};

}  // namespace ludus::agents
