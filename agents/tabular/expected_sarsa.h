// Expected SARSA: as SARSA, with the expectation over the next action instead of a sample.
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

  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  ExpectedSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
