// Double Q-learning: two tables, one of which selects the best action and the other evaluates it. This avoids the
// overestimation of Q-learning, whose maximum over noisy estimates is too high on average.
//
// Source: H. van Hasselt, "Double Q-learning" (NeurIPS 2010), algorithm 1; Sutton and Barto 2018, section 6.7, equation
// 6.10.
//
// Actions are chosen by the mean of the two tables (the book: their sum, which has the same order). Additions to the
// book's algorithm: those of agents/tabular/q_learning.h.
#pragma once

#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class DoubleQLearning final : public TabularAgent {
 public:
  using Config = TabularConfig;

  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  DoubleQLearning(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    TabularAgent::state(self, visit);
    visit("tables/first", self.first_.numbers(), self.table_shape());
    visit("tables/second", self.second_.numbers(), self.table_shape());
  }

 private:
  void learn(const TabularStep& step) override;

  ActionValues first_, second_;  // Q₁ and Q₂; the behaviour policy uses their mean
};

}  // namespace ludus::agents
