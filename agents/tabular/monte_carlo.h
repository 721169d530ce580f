// First-visit Monte Carlo control for ε-soft policies: values are averages of the returns of whole episodes.
//
// Source: Sutton and Barto 2018, section 5.4 (the boxed algorithm); incremental averages, section 2.4.
//
// Additions to the book's algorithm: those of agents/tabular/q_learning.h, and two more:
// - a constant lower bound of the step size 1/N(s,a) (`learning_rate`, 0 by default: the plain average), so that
//   returns of old policies are forgotten;
// - a truncated episode has no return; the part after its last state S_T is estimated by the ε-greedy policy's value
//   Σ_a π(a|S_T) Q(S_T,a).
#pragma once

#include <vector>

#include "agents/tabular/records.h"
#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

class MonteCarlo final : public TabularAgent {
 public:
  struct Config : TabularConfig {
    Config() { learning_rate = 0; }

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("learning_rate", self.learning_rate, between(0, 1),
            "lower bound of the learning rate 1 / (number of visits), a number or a schedule; 0: sample average");
      TabularConfig::fields(self, AllFieldsBut("learning_rate", visit));
    }
  };

  /// Throws as TabularAgent's constructor does. `device` is ignored: tables are on the CPU.
  MonteCarlo(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device);

  void restart_episodes() override {
    TabularAgent::restart_episodes();
    for (Records& episode : episodes_) episode.clear();
  }
  std::string missing_for_update() const override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    TabularAgent::state(self, visit);
    visit("visits", self.visits_, self.table_shape());
    visit("episodes", self.episodes_);
    visit.check([&] { check_records(self.episodes_, self.table_shape()); });
  }

  std::int64_t visits(std::size_t state, std::size_t action) const;  // N(s,a): first visits in completed episodes

 private:
  void learn(const TabularStep& step) override;

  std::vector<std::int64_t> visits_;  // N: (states x actions)
  std::vector<Records> episodes_;     // (environments): the current episode's states, actions and rewards
};

}  // namespace ludus::agents
