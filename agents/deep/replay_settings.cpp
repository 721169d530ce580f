#include "agents/deep/replay_settings.h"

#include <string>

#include "base/error.h"

namespace ludus::agents {

void ReplaySettings::check(std::string_view algorithm) const {
  const auto require = [&](bool holds, const char* sentence) {
    if (!holds) throw InvalidArgument(std::string(algorithm) + ": " + sentence);
  };
  require(learning_rate.initial() > 0 && learning_rate.final() >= 0,
          "learning_rate must begin above 0 and never be negative");
  require(buffer_size > 0, "buffer_size must be positive");
  require(learning_starts >= 0, "learning_starts must not be negative");
  require(batch_size > 0, "batch_size must be positive");
  require(discount >= 0 && discount <= 1, "discount must lie in [0, 1]");
  require(polyak_tau > 0 && polyak_tau <= 1, "polyak_tau must lie in (0, 1]");
  require(train_freq > 0, "train_freq must be positive");
  require(gradient_steps > 0 || gradient_steps == -1, "gradient_steps must be positive, or -1");
  nn::NetworkConfig::check(algorithm);
}

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
