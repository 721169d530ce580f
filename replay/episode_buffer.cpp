#include "replay/episode_buffer.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/format.h"

namespace ludus::replay {

EpisodeBuffer::EpisodeBuffer(std::size_t episodes, std::size_t num_envs, const StepSizes& sizes)
    : episodes_(episodes), envs_(num_envs, EnvEpisode{.episode = Trajectory(sizes)}), finished_(sizes) {
  if (episodes == 0 || num_envs == 0) {
    throw InvalidArgument(
        formatted("episode buffer: episodes and num_envs must be positive, got {} and {}", episodes, num_envs));
  }
  clear();
}

bool EpisodeBuffer::full() const {
  return std::all_of(envs_.begin(), envs_.end(), [](const EnvEpisode& env) { return env.remaining == 0; });
}

bool EpisodeBuffer::empty() const {
  return finished_.size() == 0 &&
         std::all_of(envs_.begin(), envs_.end(), [](const EnvEpisode& env) { return env.episode.size() == 0; });
}

void EpisodeBuffer::clear() {
  finished_.clear();
  for (std::size_t i = 0; i < envs_.size(); ++i) {
    envs_[i].remaining = static_cast<std::int64_t>((episodes_ + i) / envs_.size());
    envs_[i].skipping = envs_[i].skipping || envs_[i].episode.size() > 0;
    envs_[i].episode.clear();
  }
}

void EpisodeBuffer::restart() {
  for (EnvEpisode& env : envs_) {
    env.episode.clear();
    env.skipping = false;
  }
}

void EpisodeBuffer::add(const StepRows& step) {
  for (std::size_t i = 0; i < envs_.size(); ++i) {
    EnvEpisode& env = envs_[i];
    const bool over = step.terminated[i] || step.truncated[i];  // end of the episode; both flags are stored
    if (!env.skipping && env.remaining > 0) {
      env.episode.add(step, i, /*last=*/false);
      if (!over) continue;
      finished_.append(env.episode);
      env.episode.clear();
      --env.remaining;
    } else {
      env.skipping = !over;
    }
  }
}

}  // namespace ludus::replay
