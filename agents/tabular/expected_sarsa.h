// Expected SARSA: as SARSA, with the mean over the next action in place of one draw of it.
//
// Source: H. van Seijen, H. van Hasselt, S. Whiteson and M. Wiering, "A Theoretical and Empirical Analysis of Expected
// Sarsa" (ADPRL 2009); Sutton and Barto 2018, section 6.6, equation 6.9.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class ExpectedSarsa final : public TabularAgent {
 public:
  using Config = TabularConfig;

  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  ExpectedSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
