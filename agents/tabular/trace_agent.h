// Base of the algorithms with eligibility traces: the decaying record of the states and actions visited in the current
// episode (Sutton and Barto 2018, chapter 12; first edition, chapter 7).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "agents/tabular/records.h"
#include "agents/tabular/tabular_agent.h"

namespace ludus::agents {

enum class TraceKind : std::uint8_t {
  kAccumulating,  // a visit adds 1 to the trace
  kReplacing,     // a visit sets the trace to 1 (Singh and Sutton 1996)
};

inline constexpr std::array<std::string_view, 2> kTraceNames{"accumulating", "replacing"};

/// Reads and shows "accumulating" or "replacing", as a field of a configuration.
void read_field(const Value& value, TraceKind& field);
Value show_field(TraceKind field);

struct TraceConfig : TabularConfig {
  double lambda = 0.9;
  TraceKind traces = TraceKind::kAccumulating;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    TabularConfig::fields(self, visit);
    visit("lambda", self.lambda, between(0, 1), "trace decay λ");
    visit("traces", self.traces, one_of(kTraceNames),
          "effect of a visit on its trace: adds 1 (accumulating) or sets it to 1 (replacing)");
  }
};

class TraceAgent : public TabularAgent {
 public:
  using Config = TraceConfig;

  /// Throws as TabularAgent's constructor does.
  TraceAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed);

  void restart_episodes() final {
    TabularAgent::restart_episodes();
    for (Records& traces : traces_) traces.clear();
  }
  void write_state(StateWriter& visit) const final { state(*this, visit); }
  void read_state(StateReader& visit) final { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    TabularAgent::state(self, visit);
    visit("traces", self.traces_);
    visit.check([&] { check_records(self.traces_, self.table_shape()); });
  }

  /// Traces below this are dropped: their share of an error is less than the rounding of the table.
  static constexpr double kNegligible = 1e-12;

 protected:
  /// E(S,A) ← E(S,A) + 1, or ← 1
  void visit(const TabularStep& step);
  /// for all s, a:  Q(s,a) ← Q(s,a) + α δ E(s,a)
  void correct_along_traces(const TabularStep& step, double error);
  /// for all s, a:  E(s,a) ← γ λ E(s,a)
  void decay(const TabularStep& step);
  /// for all s, a:  E(s,a) ← 0
  void forget(const TabularStep& step) { traces_[step.env].clear(); }

 private:
  double lambda_;
  TraceKind kind_;
  std::vector<Records> traces_;  // (environments): one record per state and action with a non-zero trace
};

}  // namespace ludus::agents
