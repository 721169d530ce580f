// Watkins's Q(λ): Q-learning with eligibility traces, which are reset after a non-greedy action.
//
// Source: Watkins 1989; Sutton and Barto 1998 (first edition), section 7.6 and figure 7.14; second edition, section
// 12.10. Replacing traces: Singh and Sutton 1996.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. Traces are reset at the end of an episode,
// terminated or truncated.
#pragma once

#include "agents/tabular/trace_agent.h"

namespace ludus::agents {

class QLambda final : public TraceAgent {
 public:
  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  QLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
