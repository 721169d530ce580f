#include "agents/deep/replay_settings.h"

namespace ludus::agents {

std::int64_t ReplaySettings::gradient_steps_due(std::int64_t calls, std::int64_t steps, std::size_t num_envs) const {
  if (calls % train_freq != 0 || steps <= learning_starts) return 0;
  return gradient_steps > 0 ? gradient_steps : train_freq * static_cast<std::int64_t>(num_envs);
}

std::int64_t ReplaySettings::first_update_step(std::size_t num_envs) const {
  const auto n = static_cast<std::int64_t>(num_envs);
  const std::int64_t calls = learning_starts / n + 1;  // the first with more steps than learning_starts
  return (calls + train_freq - 1) / train_freq * train_freq * n;
}

}  // namespace ludus::agents
