#include "agents/tabular/trace_agent.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace ludus::agents {

void read_field(const Value& value, TraceKind& field) {
  const std::string& name = value.as_string();
  if (name != "accumulating" && name != "replacing") {
    throw InvalidArgument(formatted("traces must be accumulating or replacing, got \"{}\"", name));
  }
  field = name == "replacing" ? TraceKind::kReplacing : TraceKind::kAccumulating;
}

Value show_field(TraceKind field) {
  return field == TraceKind::kReplacing ? "replacing" : "accumulating";
}

void TraceConfig::check() const {
  TabularConfig::check();
  if (!(lambda >= 0 && lambda <= 1)) {
    throw InvalidArgument("lambda must lie between 0 and 1, and is " + std::to_string(lambda));
  }
}

TraceAgent::TraceAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed)
    : TabularAgent(algorithm, config, fields_as_dict(config), facts, seed),
      lambda_(config.lambda),
      kind_(config.traces),
      traces_(num_envs()) {
  config.check();
}

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
