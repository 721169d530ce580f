// SARSA: on-policy temporal-difference learning, of the values of the exploring policy.
//
// Source: G. A. Rummery and M. Niranjan, "On-Line Q-Learning Using Connectionist Systems" (Cambridge, 1994); Sutton and
// Barto 2018, section 6.4, equation 6.7. Named after the quintuple of an update: S, A, R, S', A'.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. At a truncation A' is sampled from the
// policy, although it is not executed.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class Sarsa final : public TabularAgent {
 public:
  using Config = TabularConfig;

  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  Sarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
