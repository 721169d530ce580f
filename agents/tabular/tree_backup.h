// n-step tree backup: off-policy n-step learning without importance sampling.
//
// Source: D. Precup, R. S. Sutton and S. Singh, "Eligibility Traces for Off-Policy Policy Evaluation" (ICML 2000);
// Sutton and Barto 2018, section 7.5, equations 7.15 to 7.17.
//
// The behaviour policy is ε-greedy. The target policy π is greedy, with ties broken uniformly: the values are those of
// the greedy policy whatever the exploration, and n = 1 is Q-learning. Additions to the book's algorithm: those of
// agents/tabular/q_learning.h; windows at the end of an episode as in n_step_sarsa.h.
#pragma once

#include "agents/tabular/n_step_agent.h"

namespace ludus::agents {

/// Returns G of the window's first step. `after` is the value of the state after the window (0 if terminated).
double tree_backup_return(const ActionValues& values, std::span<const Record> window, double discount, double after);

class TreeBackup final : public NStepAgent {
 public:
  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  TreeBackup(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
