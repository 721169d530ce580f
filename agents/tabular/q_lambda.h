// Watkins's Q(λ): Q-learning with eligibility traces, which are cut where the next action is not greedy.
//
// Source: Watkins 1989; Sutton and Barto 1998 (first edition), section 7.6 and figure 7.14; second edition, section
// 12.10. Replacing traces: Singh and Sutton 1996.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. Traces end with their episode, also where it
// was cut.
#pragma once

#include "agents/tabular/trace_agent.h"

namespace ludus::agents {

class QLambda final : public TraceAgent {
 public:
  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  QLambda(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
