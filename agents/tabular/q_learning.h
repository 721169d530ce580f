// Q-learning: off-policy temporal-difference learning of a table of action values.
//
// Source: C. J. C. H. Watkins, "Learning from Delayed Rewards" (PhD thesis, Cambridge, 1989); R. S. Sutton and
// A. G. Barto, "Reinforcement Learning: An Introduction" (2nd edition, 2018), section 6.5, equation 6.8.
//
// Additions to the book's algorithm, shared by all tabular algorithms (agents/tabular/tabular_agent.h):
// - Box observations are discretised by a grid of bins (agents/tabular/discretizer.h);
// - learning rate and exploration may follow schedules (runs/schedule.h);
// - all environments update the same table, one after another in their order;
// - a truncated episode bootstraps from its last state.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class QLearning final : public TabularAgent {
 public:
  using Config = TabularConfig;

  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  QLearning(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
