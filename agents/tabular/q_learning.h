// Q-learning: a table of action values, improved after every step by what the step showed.
//
// Source: C. J. C. H. Watkins, "Learning from Delayed Rewards" (PhD thesis, Cambridge, 1989); R. S. Sutton and
// A. G. Barto, "Reinforcement Learning: An Introduction" (2nd edition, 2018), section 6.5, equation 6.8.
//
// Additions to the book's algorithm, which all learners of a table share (agents/tabular/tabular_agent.h):
// - observations of a Box become states by a grid of bins (agents/tabular/discretizer.h);
// - learning rate and exploration may follow schedules (runs/schedule.h);
// - several environments are learnt from in their order, one after another, into the one table;
// - an episode that was cut is bootstrapped from its last state.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class QLearning final : public TabularAgent {
 public:
  using Config = TabularConfig;

  // Throws what TabularAgent's constructor does. `device` is not needed: a table lives on the processor.
  QLearning(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

 private:
  void learn(const TabularStep& step) override;
};

}  // namespace ludus::agents
