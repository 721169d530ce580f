// n-step SARSA: n rewards of experience before the estimate of what follows; between SARSA (n = 1) and Monte Carlo.
//
// Source: Sutton and Barto 2018, section 7.2, equations 7.4 and 7.5.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h. The windows of an episode that was cut are
// closed like those of one that ended, each with the estimate of the last state as its last term.
#pragma once

#include "agents/tabular/n_step_agent.h"

namespace ludus::agents {

// G = R_1 + γ R_2 + … + γ^(k-1) R_k + γ^k `after`, the rewards being the window's numbers, oldest first.
double n_step_return(std::span<const Record> window, double discount, double after);

class NStepSarsa final : public NStepAgent {
 public:
  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  NStepSarsa(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
