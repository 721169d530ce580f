#include "agents/tabular/trace_agent.h"

#include <algorithm>
#include <utility>

#include "base/checkpoint.h"

namespace ludus::agents {

void read_field(const Value& value, TraceKind& field) {
  const std::string& name = value.as_string();
  if (name != "accumulating" && name != "replacing") {
    throw InvalidArgument("traces are accumulating or replacing, not \"" + name + "\"");
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
      traces_(lanes()) {
  config.check();
}

void TraceAgent::visit(const TabularStep& step) {
  Records& traces = traces_[step.lane];
  const auto found = std::find_if(traces.begin(), traces.end(), [&](const Record& record) {
    return record.state == step.state && record.action == step.action;
  });
  if (found == traces.end()) {
    traces.push_back({step.state, step.action, 1.0});
  } else {
    found->number = kind_ == TraceKind::kAccumulating ? found->number + 1.0 : 1.0;
  }
}

void TraceAgent::correct_along_traces(const TabularStep& step, double error) {
  record_td_error(error);
  for (const auto& [state, action, trace] : traces_[step.lane]) q(state, action) += learning_rate() * error * trace;
}

void TraceAgent::decay(const TabularStep& step) {
  Records& traces = traces_[step.lane];
  for (Record& record : traces) record.number *= discount() * lambda_;
  std::erase_if(traces, [](const Record& record) { return record.number < kNegligible; });
}

void TraceAgent::save(Checkpoint& checkpoint) const {
  TabularAgent::save(checkpoint);
  put_records(checkpoint, "agent/traces", traces_);
}

void TraceAgent::load(const Checkpoint& checkpoint) {
  auto traces = take_records(checkpoint, "agent/traces", lanes(), table_shape());
  TabularAgent::load(checkpoint);
  traces_ = std::move(traces);
}

}  // namespace ludus::agents
