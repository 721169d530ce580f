#include "agents/runner/evaluation.h"

#include <algorithm>
#include <span>

#include "agents/core/action_masks.h"
#include "agents/core/finite.h"
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

// Throws WorkError unless the numbers of environment i are finite.
void check_row(const envs::VectorEnv& envs, std::size_t i, std::span<const double> reward, std::int64_t step,
               std::int64_t episode) {
  const std::size_t width = envs.observation_size();
  check_finite(reward, std::span(envs.last().observations).subspan(i * width, width), envs.spec().id,
               [&] { return formatted("in step {} of episode {} of the evaluation", step, episode); });
}

}  // namespace

void check_episode_length(const envs::EnvSpec& spec, std::int64_t steps) {
  if (steps < kMostSteps || spec.max_episode_steps) return;
  const auto limits = [](const envs::WrapperSpec& wrapper) { return wrapper.name == "TimeLimit"; };
  if (std::ranges::any_of(spec.wrappers, limits)) return;
  throw WorkError(
      formatted("{}: an episode has not ended within {} steps, and the environment has no time limit; set one with "
                "--max-episode-steps",
                spec.id, steps));
}

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
    if (static_cast<std::int64_t>(i) >= episodes) continue;
    running[i].number = static_cast<std::int64_t>(i);
    check_row(envs, i, {}, 0, running[i].number);
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
      check_row(envs, i, std::span(envs.last().rewards).subspan(i, 1), episode.length + 1, episode.number);
      episode.episode_return += envs.last().rewards[i];
      ++episode.length;
      if (!over) {
        check_episode_length(envs.spec(), episode.length);
        continue;
      }
      result.returns[static_cast<std::size_t>(episode.number)] = episode.episode_return;
      result.lengths[static_cast<std::size_t>(episode.number)] = episode.length;
      const std::int64_t next = episode.number + static_cast<std::int64_t>(n);
      episode = {.number = next < episodes ? next : -1};
    }
    for (const std::size_t i : ended) {
      const std::int64_t episode = std::max<std::int64_t>(running[i].number, 0);
      begin(envs, i, seed + static_cast<std::uint64_t>(episode));
      if (running[i].number >= 0) check_row(envs, i, {}, 0, episode);
      masks.read(envs.last());
    }
  }
}

}  // namespace ludus::agents
