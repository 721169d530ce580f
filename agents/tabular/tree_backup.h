// n-step tree backup: Q-learning that looks n steps ahead without importance sampling.
//
// Source: D. Precup, R. S. Sutton and S. Singh, "Eligibility Traces for Off-Policy Policy Evaluation" (ICML 2000);
// Sutton and Barto 2018, section 7.5, equations 7.15 to 7.17.
//
// Behaviour is ε-greedy. The target policy π is the greedy one, which takes each of equally good actions alike: so the
// values are those of the greedy policy whatever the exploration, and n = 1 is Q-learning. Additions to the book's
// algorithm: those of agents/tabular/q_learning.h; windows at the end of an episode as in n_step_sarsa.h.
#pragma once

#include "agents/tabular/n_step_agent.h"

namespace ludus::agents {

// G of the window's first step, whose last led to a state that is worth `after` (0 if the task ended there).
double tree_backup_return(const ActionValues& values, std::span<const Record> window, double discount, double after);

class TreeBackup final : public NStepAgent {
 public:
  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  TreeBackup(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
