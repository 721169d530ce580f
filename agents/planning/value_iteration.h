// Value iteration: sweeps of Bellman's optimality equation over a transition model.
//
// Source: Bellman 1957; Sutton and Barto 2018, section 4.4, equation 4.10. Sweeps are in place (Gauss-Seidel). They
// stop once the values are proven to be within the tolerance of the optimal ones, whereas the book stops at a small
// change.
#pragma once

#include "agents/planning/planner.h"

namespace ludus::agents {

/// Computes an optimal plan. Throws InvalidArgument or PlanningFailed.
Plan value_iteration(const envs::TransitionModel& model, const PlannerConfig& config = {});

class ValueIteration final : public Planner {
 public:
  /// Throws as Planner's constructor does. `seed` and `device` are ignored: planning is deterministic and runs on the
  /// CPU.
  ValueIteration(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  Plan make_plan(const envs::TransitionModel& model, const Config& config) const override {
    return value_iteration(model, config);
  }
};

}  // namespace ludus::agents
