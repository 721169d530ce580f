#include "agents/tabular/n_step_agent.h"

#include <utility>

#include "base/checkpoint.h"

namespace ludus::agents {

void NStepConfig::check() const {
  TabularConfig::check();
  if (n_steps < 1) throw InvalidArgument("n_steps must be 1 or more, and is " + std::to_string(n_steps));
}

NStepAgent::NStepAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed)
    : TabularAgent(algorithm, config, fields_as_dict(config), facts, seed),
      n_(static_cast<std::size_t>(config.n_steps)),
      windows_(lanes()) {
  config.check();
}

void NStepAgent::save(Checkpoint& checkpoint) const {
  TabularAgent::save(checkpoint);
  put_records(checkpoint, "agent/window", windows_);
}

void NStepAgent::load(const Checkpoint& checkpoint) {
  auto windows = take_records(checkpoint, "agent/window", lanes(), table_shape());
  for (const Records& window : windows) {
    if (window.size() < n_) continue;
    throw CorruptCheckpoint("the checkpoint's agent/window holds " + std::to_string(window.size()) +
                                " steps of an environment, where fewer than " + std::to_string(n_) + " (n_steps) wait");
  }
  TabularAgent::load(checkpoint);
  windows_ = std::move(windows);
}

}  // namespace ludus::agents
