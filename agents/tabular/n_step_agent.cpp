#include "agents/tabular/n_step_agent.h"

#include "base/format.h"

namespace ludus::agents {

NStepAgent::NStepAgent(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed)
    : TabularAgent(algorithm, config, facts, seed),
      n_(static_cast<std::size_t>(config.n_steps)),
      windows_(num_envs()) {}

void NStepAgent::check_windows() const {
  check_records(windows_, table_shape());
  for (const Records& window : windows_) {
    if (window.size() < n_) continue;
    throw InvalidArgument(
        formatted("n_steps: fewer than {} steps of an environment must be pending, got {}", n_, window.size()));
  }
}

}  // namespace ludus::agents
