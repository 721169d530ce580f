/// @file
/// Evaluates a policy over complete episodes from fixed seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "agents/core/policy.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

/// The longest episode, in steps, of an environment without a time limit: a policy that walks in circles would never
/// end.
inline constexpr std::int64_t kMostSteps = 100'000;

/// Throws WorkError, which names the missing limit, if an episode of an environment without one has so many steps.
void check_episode_length(const envs::EnvSpec& spec, std::int64_t steps);

struct EpisodeResults {
  std::vector<double> returns;        ///< sums of rewards, undiscounted, in the order of the seeds
  std::vector<std::int64_t> lengths;  ///< steps
};

/// Evaluates a policy over episodes k = 0 … episodes - 1, each from reset(seed + k), so that every policy is evaluated
/// on the same ones. Episode k runs in environment k mod N (Stable-Baselines3's unbiased split: short episodes are not
/// over-counted, because the episodes are fixed beforehand). A stochastic policy is seeded with `seed` first.
/// `interrupted` is called once a step; true ends the evaluation with runs::Interrupted. Throws InvalidArgument unless
/// `envs` is in the mode kDisabled, and WorkError if an environment returns a reward, a return or an observation that
/// is not finite, or if an episode of an environment without a time limit does not end within kMostSteps.
EpisodeResults evaluate(Policy& policy, envs::VectorEnv& envs, std::int64_t episodes, std::uint64_t seed,
                        bool deterministic = true, const std::function<bool()>& interrupted = {});

}  // namespace ludus::agents
