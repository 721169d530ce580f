#include "agents/deep/replay_settings.h"

namespace ludus::agents {

std::int64_t ReplaySettings::gradient_steps_due(std::int64_t calls, std::int64_t steps, std::size_t num_envs) const {
  if (calls % train_freq != 0 || steps <= learning_starts) return 0;
  return gradient_steps > 0 ? gradient_steps : train_freq * static_cast<std::int64_t>(num_envs);
}

}  // namespace ludus::agents
