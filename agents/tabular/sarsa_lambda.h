// SARSA(λ): every error is passed on to the steps that led to it, the less the longer they are past.
//
// Source: Rummery and Niranjan 1994; Sutton and Barto 1998 (first edition), section 7.5 and figure 7.11; second edition,
// section 12.7, with one feature for every state and action. Replacing traces: S. P. Singh and R. S. Sutton,
// "Reinforcement Learning with Replacing Eligibility Traces" (Machine Learning 22, 1996).
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. Traces end with their episode, also where it
// was cut: what came before has no part in the next episode's errors.
#pragma once

#include "agents/tabular/trace_agent.h"

namespace ludus::agents {

class SarsaLambda final : public TraceAgent {
 public:
  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  SarsaLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
