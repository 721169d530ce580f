// SARSA: learns the values of the policy that it follows, exploration included.
//
// Source: G. A. Rummery and M. Niranjan, "On-Line Q-Learning Using Connectionist Systems" (Cambridge, 1994); Sutton and
// Barto 2018, section 6.4, equation 6.7. Named after the five that an update takes: S, A, R, S', A'.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. At a truncation A' is drawn from the policy
// as ever, though it will not be played.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class Sarsa final : public TabularAgent {
 public:
  using Config = TabularConfig;

  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  Sarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
