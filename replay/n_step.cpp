#include "replay/n_step.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "base/error.h"
#include "base/format.h"

namespace ludus::replay {

NStep::NStep(std::size_t n, double discount, std::size_t num_envs, const TransitionSizes& sizes)
    : n_(n), discount_(discount), sizes_(sizes), windows_(num_envs) {
  if (n == 0 || num_envs == 0 || sizes.observation == 0 || sizes.action == 0) {
    throw InvalidArgument(formatted(
        "n-step windows: n, num_envs, observation size and action size must be positive, got {}, {}, {} and {}", n,
        num_envs, sizes.observation, sizes.action));
  }
  if (!(discount >= 0 && discount <= 1)) {
    throw InvalidArgument(formatted("n-step windows: the discount must lie in [0, 1], got {}", discount));
  }
  observations_.resize(num_envs * n * sizes.observation);
  actions_.resize(num_envs * n * sizes.action);
  rewards_.resize(num_envs * n);
}

std::size_t NStep::row(std::size_t env, std::size_t age) const {
  return env * n_ + (windows_[env].first + age) % n_;
}

void NStep::push(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward) {
  const std::size_t to = row(env, windows_[env].count++);
  std::copy_n(observation.data(), sizes_.observation, observations_.data() + to * sizes_.observation);
  std::copy_n(action.data(), sizes_.action, actions_.data() + to * sizes_.action);
  rewards_[to] = reward;
}

// R = Σ_{i<k} γ^i r_{t+i} over all k pending steps, the oldest being step t                             Sutton 1988
void NStep::emit_oldest(std::size_t env, std::span<const float> next_observation, bool terminated,
                        ReplayBuffer& buffer) {
  Window& window = windows_[env];
  double sum = 0, power = 1;
  for (std::size_t i = 0; i < window.count; ++i) {
    sum += power * static_cast<double>(rewards_[row(env, i)]);
    power *= discount_;
  }
  const std::size_t oldest = row(env, 0);
  buffer.add(
      {.observation = std::span<const float>(observations_).subspan(oldest * sizes_.observation, sizes_.observation),
       .action = std::span<const float>(actions_).subspan(oldest * sizes_.action, sizes_.action),
       .reward = static_cast<float>(sum),
       .next_observation = next_observation,
       .terminated = terminated,
       .discount = static_cast<float>(power)});
  window.first = (window.first + 1) % n_;
  --window.count;
}

void NStep::add(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward,
                std::span<const float> next_observation, bool terminated, bool truncated, ReplayBuffer& buffer) {
  if (env >= windows_.size() || observation.size() != sizes_.observation || action.size() != sizes_.action) {
    throw InvalidArgument(formatted(
        "n-step windows: env must be below {}, and observation and action of sizes {} and {}, got {}, {} and {}",
        windows_.size(), sizes_.observation, sizes_.action, env, observation.size(), action.size()));
  }
  push(env, observation, action, reward);

  // the episode is over: emit all pending steps, so that no reward of the next episode is added to them
  const bool over = terminated || truncated;
  while (windows_[env].count == n_ || (over && windows_[env].count > 0)) {
    emit_oldest(env, next_observation, terminated, buffer);
  }
}

void NStep::check_windows(std::size_t num_envs) const {
  if (windows_.size() != num_envs) {
    throw TypeMismatch(
        formatted("n-step windows: there must be {}, one for each environment, got {}", num_envs, windows_.size()));
  }
  for (const Window& window : windows_) {
    if (window.first < n_ && window.count < n_) continue;
    throw TypeMismatch(formatted("n-step windows: fewer than {} steps must be pending, got {} from row {}", n_,
                                 window.count, window.first));
  }
}

Shape NStep::rows(std::size_t width) const {
  return {static_cast<std::int64_t>(windows_.size() * n_), static_cast<std::int64_t>(width)};
}

}  // namespace ludus::replay
