// SARSA(λ): SARSA with eligibility traces, which propagate every error to earlier steps with decaying weight.
//
// Source: Rummery and Niranjan 1994; Sutton and Barto 1998 (first edition), section 7.5 and figure 7.11; second
// edition, section 12.7, with one feature for every state and action. Replacing traces: S. P. Singh and R. S. Sutton,
// "Reinforcement Learning with Replacing Eligibility Traces" (Machine Learning 22, 1996).
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. Traces are reset at the end of an episode,
// terminated or truncated, so that they do not affect the next episode.
#pragma once

#include "agents/tabular/trace_agent.h"

namespace ludus::agents {

class SarsaLambda final : public TraceAgent {
 public:
  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  SarsaLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
