#include "agents/runner/evaluation.h"

#include <algorithm>
#include <cmath>

#include "agents/core/action_masks.h"
#include "runs/training.h"

namespace ludus::agents {
namespace {

// One environment's place in the evaluation.
struct Lane {
  std::int64_t episode = -1;  // which one it plays; -1: none
  double episode_return = 0;
  std::int64_t length = 0;
};

// Begins episode `episode` in environment `i`: reset(seed) gives environment i the seed seed + i.
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
        "an evaluation begins every episode itself and needs environments in the mode disabled, not " +
        std::string(name_of(envs.autoreset_mode())));
  }
  if (episodes <= 0) {
    throw InvalidArgument("an evaluation needs at least one episode, and " + std::to_string(episodes) +
                          " were asked for");
  }
  const std::size_t n = envs.num_envs();
  const std::size_t width = envs.observation_size(), action_width = envs.action_size();
  policy.seed(seed);

  EpisodeResults result;
  result.returns.resize(static_cast<std::size_t>(episodes));
  result.lengths.resize(static_cast<std::size_t>(episodes));
  std::vector<Lane> lanes(n);
  envs.reset(seed);  // environments beyond the number of episodes idle from here
  for (std::size_t i = 0; i < n; ++i) {
    if (static_cast<std::int64_t>(i) < episodes) lanes[i].episode = static_cast<std::int64_t>(i);
  }

  ActionMasks masks(policy.wants_action_masks(), envs.spec(), envs.single_action_space(), n);
  masks.read(envs.last());
  std::vector<float> observations;
  std::vector<std::uint8_t> playing_masks;
  Actions chosen, actions;
  std::vector<std::size_t> playing;
  std::vector<EpisodeRow> rows;
  while (true) {
    playing.clear();
    for (std::size_t i = 0; i < n; ++i) {
      if (lanes[i].episode >= 0) playing.push_back(i);
    }
    if (playing.empty()) return result;
    if (interrupted && interrupted()) throw runs::Interrupted("the evaluation was interrupted");

    // the policy sees only environments that play; an idle one repeats the first action and is not looked at
    observations.resize(playing.size() * width);
    playing_masks.clear();
    for (std::size_t k = 0; k < playing.size(); ++k) {
      std::copy_n(envs.last().observations.begin() + static_cast<std::ptrdiff_t>(playing[k] * width), width,
                  observations.begin() + static_cast<std::ptrdiff_t>(k * width));
      const auto mask = masks.row(playing[k]);
      playing_masks.insert(playing_masks.end(), mask.begin(), mask.end());
    }
    rows.clear();
    for (const std::size_t i : playing) rows.push_back({.lane = i, .begins = lanes[i].length == 0});
    policy.follow(rows);
    policy.predict_masked(observations, playing.size(), playing_masks, deterministic, chosen);
    const auto spread = [&](const auto& from, auto& to) {
      to.clear();
      if (from.empty()) return;
      for (std::size_t i = 0; i < n; ++i)
        to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(action_width));
      for (std::size_t k = 0; k < playing.size(); ++k) {
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(k * action_width), action_width,
                    to.begin() + static_cast<std::ptrdiff_t>(playing[k] * action_width));
      }
    };
    spread(chosen.integers, actions.integers);
    spread(chosen.reals, actions.reals);
    step(envs, actions);
    masks.read(envs.last());

    // the resets below overwrite the result: read all of it first
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < n; ++i) {
      Lane& lane = lanes[i];
      const bool over = envs.last().terminated[i] || envs.last().truncated[i];
      if (over) ended.push_back(i);
      if (lane.episode < 0) continue;
      if (!std::isfinite(envs.last().rewards[i])) {
        throw WorkError("in the evaluation's episode " + std::to_string(lane.episode) + ", step " +
                        std::to_string(lane.length + 1) + ", the environment gave a reward that is no finite number");
      }
      lane.episode_return += envs.last().rewards[i];
      ++lane.length;
      if (!over) continue;
      result.returns[static_cast<std::size_t>(lane.episode)] = lane.episode_return;
      result.lengths[static_cast<std::size_t>(lane.episode)] = lane.length;
      const std::int64_t next = lane.episode + static_cast<std::int64_t>(n);
      lane = {.episode = next < episodes ? next : -1};
    }
    for (const std::size_t i : ended) {
      const std::int64_t episode = std::max<std::int64_t>(lanes[i].episode, 0);
      begin(envs, i, seed + static_cast<std::uint64_t>(episode));
      masks.read(envs.last());
    }
  }
}

}  // namespace ludus::agents
