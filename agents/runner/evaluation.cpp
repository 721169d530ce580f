#include "agents/runner/evaluation.h"

#include <algorithm>
#include <cmath>

#include "agents/core/action_masks.h"
#include "base/format.h"
#include "runs/training.h"

namespace ludus::agents {
namespace {

// The running episode of an environment.
struct Episode {
  std::int64_t number = -1;  // -1: none, the environment is idle
  double episode_return = 0;
  std::int64_t length = 0;
};

// Resets environment `i` alone, with `seed`: reset(s) gives environment i the seed s + i.
void begin(envs::VectorEnv& envs, std::size_t i, std::uint64_t seed) {
  Array mask(DType::kBool, Shape{static_cast<std::int64_t>(envs.num_envs())});
  mask.data<bool>()[i] = true;
  envs.reset(seed - i, {{"reset_mask", mask}});
}

}  // namespace

EpisodeResults evaluate(Policy& policy, envs::VectorEnv& envs, std::int64_t episodes, std::uint64_t seed,
                        bool deterministic, const std::function<bool()>& interrupted) {
  if (envs.autoreset_mode() != envs::AutoresetMode::kDisabled) {
    throw InvalidArgument(
        formatted("evaluation: the environments must be in the mode disabled, got {}", name_of(envs.autoreset_mode())));
  }
  if (episodes <= 0) {
    throw InvalidArgument(formatted("evaluation: episodes must be positive, got {}", episodes));
  }
  const std::size_t n = envs.num_envs();
  const std::size_t width = envs.observation_size(), action_width = envs.action_size();
  policy.seed(seed);

  EpisodeResults result;
  result.returns.resize(static_cast<std::size_t>(episodes));
  result.lengths.resize(static_cast<std::size_t>(episodes));
  std::vector<Episode> running(n);
  envs.reset(seed);  // environments beyond the number of episodes are idle
  for (std::size_t i = 0; i < n; ++i) {
    if (static_cast<std::int64_t>(i) < episodes) running[i].number = static_cast<std::int64_t>(i);
  }

  ActionMasks masks(policy.wants_action_masks(), envs.spec(), envs.single_action_space(), n);
  masks.read(envs.last());
  std::vector<float> observations;
  std::vector<std::uint8_t> active_masks;
  envs::ActionBatch chosen, actions;
  std::vector<std::size_t> active;          // environments with an episode
  std::vector<std::uint8_t> episode_start;  // of the active environments
  while (true) {
    active.clear();
    for (std::size_t i = 0; i < n; ++i) {
      if (running[i].number >= 0) active.push_back(i);
    }
    if (active.empty()) return result;
    if (interrupted && interrupted()) throw runs::Interrupted("the evaluation was interrupted");

    // only active environments reach the policy; an idle one steps by the first action, and its results are ignored
    observations.resize(active.size() * width);
    active_masks.clear();
    for (std::size_t k = 0; k < active.size(); ++k) {
      std::copy_n(envs.last().observations.begin() + static_cast<std::ptrdiff_t>(active[k] * width), width,
                  observations.begin() + static_cast<std::ptrdiff_t>(k * width));
      const auto mask = masks.row(active[k]);
      active_masks.insert(active_masks.end(), mask.begin(), mask.end());
    }
    episode_start.clear();
    for (const std::size_t i : active) episode_start.push_back(running[i].length == 0);
    policy.predict({.rows = observations,
                    .size = active.size(),
                    .masks = active_masks,
                    .envs = active,
                    .episode_start = episode_start},
                   deterministic, chosen);
    const auto spread = [&](const auto& from, auto& to) {
      to.clear();
      if (from.empty()) return;
      for (std::size_t i = 0; i < n; ++i)
        to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(action_width));
      for (std::size_t k = 0; k < active.size(); ++k) {
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(k * action_width), action_width,
                    to.begin() + static_cast<std::ptrdiff_t>(active[k] * action_width));
      }
    };
    spread(chosen.discrete, actions.discrete);
    spread(chosen.continuous, actions.continuous);
    envs.step(actions);
    masks.read(envs.last());

    // the resets below overwrite the result: read it first
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < n; ++i) {
      Episode& episode = running[i];
      const bool over = envs.last().terminated[i] || envs.last().truncated[i];
      if (over) ended.push_back(i);
      if (episode.number < 0) continue;
      if (!std::isfinite(envs.last().rewards[i])) {
        throw WorkError(
            formatted("{}: rewards must be finite, got {} in step {} of episode {} of the evaluation; fix the "
                      "environment",
                      envs.spec().id, envs.last().rewards[i], episode.length + 1, episode.number));
      }
      episode.episode_return += envs.last().rewards[i];
      ++episode.length;
      if (!over) continue;
      result.returns[static_cast<std::size_t>(episode.number)] = episode.episode_return;
      result.lengths[static_cast<std::size_t>(episode.number)] = episode.length;
      const std::int64_t next = episode.number + static_cast<std::int64_t>(n);
      episode = {.number = next < episodes ? next : -1};
    }
    for (const std::size_t i : ended) {
      const std::int64_t episode = std::max<std::int64_t>(running[i].number, 0);
      begin(envs, i, seed + static_cast<std::uint64_t>(episode));
      masks.read(envs.last());
    }
  }
}

}  // namespace ludus::agents
