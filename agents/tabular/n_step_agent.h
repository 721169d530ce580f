// Base of the n-step algorithms: stores the last steps of every environment (Sutton and Barto 2018, chapter 7).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agents/tabular/records.h"
#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

struct NStepConfig : TabularConfig {
  std::int64_t n_steps = 4;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    TabularConfig::fields(self, visit);
    visit("n_steps", self.n_steps, at_least(1), "n-step return length");
  }
};

/// A tabular agent that stores, for each environment, the last steps of its episode.
class NStepAgent : public TabularAgent {
 public:
  using Config = NStepConfig;

  /// Throws as TabularAgent's constructor does.
  NStepAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed);

  void restart_episodes() final {
    TabularAgent::restart_episodes();
    for (Records& window : windows_) window.clear();
  }
  void write_state(StateWriter& visit) const final { state(*this, visit); }
  void read_state(StateReader& visit) final { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    TabularAgent::state(self, visit);
    visit("windows", self.windows_);
    visit.check([&] { self.check_windows(); });
  }

 protected:
  /// Adds the step (its `number` is the reward). Then calls learn(window) for every S_τ that is ready: the oldest once
  /// there are n steps from it on; and at the end of an episode, terminated or truncated, all remaining ones, with
  /// shrinking windows. window[0] is S_τ, A_τ, R_{τ+1}; the last entry is the step that led to step.next_state.
  template <class Learn>
  void advance(const TabularStep& step, Learn learn) {
    Records& window = windows_[step.env];
    window.push_back({step.state, step.action, step.reward});
    while (!window.empty() && (step.ended() || window.size() == n_)) {
      learn(std::span<const Record>(window));
      window.erase(window.begin());
    }
  }
  /// Returns whether advance() of this step will call learn().
  bool ready(const TabularStep& step) const { return step.ended() || windows_[step.env].size() + 1 == n_; }

 private:
  void check_windows() const;

  std::size_t n_;
  std::vector<Records> windows_;  // (environments): fewer than n steps each
};

}  // namespace ludus::agents
