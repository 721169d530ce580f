#include "agents/tabular/trace_agent.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace ludus::agents {

void read_field(const Value& value, TraceKind& field) {
  const std::string& name = value.as_string();
  const auto place = std::find(kTraceNames.begin(), kTraceNames.end(), name);
  if (place == kTraceNames.end()) {
    throw InvalidArgument(formatted("it must be {}, got \"{}\"", one_of(kTraceNames).text(), name));
  }
  field = static_cast<TraceKind>(place - kTraceNames.begin());
}

Value show_field(TraceKind field) {
  return kTraceNames[static_cast<std::size_t>(field)];
}

TraceAgent::TraceAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed)
    : TabularAgent(algorithm, config, facts, seed), lambda_(config.lambda), kind_(config.traces), traces_(num_envs()) {}

void TraceAgent::visit(const TabularStep& step) {
  Records& traces = traces_[step.env];
  const auto trace = std::find_if(traces.begin(), traces.end(), [&](const Record& record) {
    return record.state == step.state && record.action == step.action;
  });
  if (trace == traces.end()) {
    traces.push_back({step.state, step.action, 1.0});
  } else {
    trace->number = kind_ == TraceKind::kAccumulating ? trace->number + 1.0 : 1.0;
  }
}

void TraceAgent::correct_along_traces(const TabularStep& step, double error) {
  record_td_error(error);
  for (const auto& [state, action, trace] : traces_[step.env]) q(state, action) += learning_rate() * error * trace;
}

void TraceAgent::decay(const TabularStep& step) {
  Records& traces = traces_[step.env];
  for (Record& record : traces) record.number *= discount() * lambda_;
  std::erase_if(traces, [](const Record& record) { return record.number < kNegligible; });
}

}  // namespace ludus::agents
