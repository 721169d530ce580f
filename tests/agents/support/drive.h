// A small trainer for tests: steps a kSameStep vector environment with an agent's actions and passes it the experience,
// as described in agents/core/agent.h.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "agents/core/action_masks.h"
#include "agents/core/agent.h"
#include "envs/registry/registry.h"

namespace ludus::agents::testing {

inline envs::VectorEnvPtr make_envs(const std::string& id, std::size_t n,
                                    envs::AutoresetMode autoreset = envs::AutoresetMode::kSameStep,
                                    const Dict& kwargs = {}) {
  envs::VectorOptions options;
  options.autoreset = autoreset;
  options.warn = [](const std::string&) {};
  return envs::make_vec(id, n, options, kwargs);
}

// The training of one agent on environments that were reset from `seed`.
class Driver {
 public:
  Driver(envs::VectorEnv& envs, Agent& agent, std::uint64_t seed) : envs_(envs), agent_(&agent) { envs_.reset(seed); }

  // Continues with another agent, for example one that has just been loaded.
  void replace_agent(Agent& agent) { agent_ = &agent; }

  // `steps` environment steps, all environments together (rounded down to whole batches), or until the agent says that
  // it has finished.
  void run(std::int64_t steps) {
    const std::size_t n = envs_.num_envs();
    const std::size_t size = envs_.observation_size();
    ActionMasks masks(agent_->wants_action_masks(), envs_.spec(), envs_.single_action_space(), n);
    for (std::int64_t t = 0; t + static_cast<std::int64_t>(n) <= steps && !agent_->finished();
         t += static_cast<std::int64_t>(n)) {
      const std::vector<float> observations = envs_.last().observations;
      masks.read(envs_.last());
      agent_->act({.rows = observations, .size = n, .masks = masks.rows()}, actions_);
      const envs::VectorStep& result = envs_.step(actions_);

      // at the end of an episode its last observation, not the first of the next
      std::vector<float> next = result.observations;
      for (std::size_t i = 0; i < n; ++i) {
        if (!result.has_final[i]) continue;
        std::copy_n(result.final_observations.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                    next.begin() + static_cast<std::ptrdiff_t>(i * size));
      }
      agent_->observe({.observations = observations,
                       .masks = masks.rows(),
                       .actions = &actions_,
                       .rewards = result.rewards,
                       .next_observations = next,
                       .terminated = result.terminated,
                       .truncated = result.truncated});
      agent_->update();
      steps_ += static_cast<std::int64_t>(n);
    }
  }

  std::int64_t steps() const { return steps_; }
  const envs::ActionBatch& last_actions() const { return actions_; }

 private:
  envs::VectorEnv& envs_;
  Agent* agent_;
  envs::ActionBatch actions_;
  std::int64_t steps_ = 0;
};

// The undiscounted returns of `episodes` episodes, episode k from reset(seed + k), one environment each.
inline std::vector<double> returns_of(Policy& policy, const std::string& id, std::int64_t episodes, std::uint64_t seed,
                                      bool deterministic = true) {
  const auto n = static_cast<std::size_t>(episodes);
  const auto envs = make_envs(id, n);
  policy.seed(seed);
  envs->reset(seed);
  std::vector<double> returns(n, 0.0);
  std::vector<std::uint8_t> over(n, 0);
  std::vector<std::size_t> indices(n);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::vector<std::uint8_t> episode_start(n, 1);
  ActionMasks masks(policy.wants_action_masks(), envs->spec(), envs->single_action_space(), n);
  envs::ActionBatch actions;
  while (std::accumulate(over.begin(), over.end(), std::size_t{0}) < n) {
    masks.read(envs->last());
    policy.predict({.rows = envs->last().observations,
                    .size = n,
                    .masks = masks.rows(),
                    .envs = indices,
                    .episode_start = episode_start},
                   deterministic, actions);
    const envs::VectorStep& result = envs->step(actions);
    for (std::size_t i = 0; i < n; ++i) {
      episode_start[i] = 0;
      if (over[i]) continue;
      returns[i] += result.rewards[i];
      over[i] = result.terminated[i] || result.truncated[i];
    }
  }
  return returns;
}

inline double mean_return(Policy& policy, const std::string& id, std::int64_t episodes, std::uint64_t seed,
                          bool deterministic = true) {
  const std::vector<double> returns = returns_of(policy, id, episodes, seed, deterministic);
  return std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
}

}  // namespace ludus::agents::testing
