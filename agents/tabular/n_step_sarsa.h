// n-step SARSA: bootstraps after n rewards; between SARSA (n = 1) and Monte Carlo.
//
// Source: Sutton and Barto 2018, section 7.2, equations 7.4 and 7.5.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. At the end of a truncated episode all
// windows bootstrap from its last state.
#pragma once

#include "agents/tabular/n_step_agent.h"

namespace ludus::agents {

/// Returns G = R_1 + γ R_2 + … + γ^(k-1) R_k + γ^k `after`, where the rewards are the window's numbers, oldest first.
double n_step_return(std::span<const Record> window, double discount, double after);

class NStepSarsa final : public NStepAgent {
 public:
  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  NStepSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
