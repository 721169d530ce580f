// How good a policy is: complete episodes, on environments of their own, from stated seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "agents/core/policy.h"
#include "envs/vector/vector_env.h"

namespace ludus::agents {

struct EpisodeResults {
  std::vector<double> returns;        // sum of rewards, undiscounted, in the order of the seeds
  std::vector<std::int64_t> lengths;  // steps
};

// Plays episodes k = 0 … episodes - 1, each from reset(seed + k), so that every policy meets the same ones; episode k is played by environment
// k mod N (Stable-Baselines3's unbiased split: short episodes are not over-counted, since the episodes are
// fixed beforehand). `envs` must be in the mode kDisabled (throws InvalidArgument otherwise). A policy that draws is seeded
// with `seed` first. `interrupted` is asked once a step; true ends the evaluation by throwing runs::Interrupted. Throws WorkError if an
// environment gives a reward that is not finite.
EpisodeResults evaluate(Policy& policy, envs::VectorEnv& envs, std::int64_t episodes, std::uint64_t seed,
                        bool deterministic = true, const std::function<bool()>& interrupted = {});

}  // namespace ludus::agents
