// Steps that a test passes to an agent by hand, in an environment of numbered states and actions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "agents/tabular/tabular_agent.h"
#include "base/checkpoint.h"

namespace ludus::agents::testing {

inline EnvSignature read_metadata(std::shared_ptr<const envs::Space> observations,
                                  std::shared_ptr<const envs::Space> actions, std::size_t num_envs = 1) {
  EnvSignature facts;
  facts.spec.id = "Somewhere-v0";
  facts.observation_size = observations->row_size();
  facts.action_size = actions->row_size();
  facts.observation_space = std::move(observations);
  facts.action_space = std::move(actions);
  facts.num_envs = num_envs;
  return facts;
}

inline EnvSignature numbered(std::int64_t states, std::int64_t actions, std::size_t num_envs = 1) {
  return read_metadata(std::make_shared<envs::Discrete>(states), std::make_shared<envs::Discrete>(actions), num_envs);
}

// The checkpoint with one array exchanged.
inline Checkpoint with_array(const Checkpoint& checkpoint, const std::string& exchanged, const Array& array) {
  Checkpoint copy;
  for (const std::string& name : checkpoint.names()) {
    copy.put(name, name == exchanged ? array : checkpoint.array(name));
  }
  for (const std::string& name : checkpoint.value_names()) copy.put_value(name, checkpoint.value(name));
  return copy;
}

// Replaces an array of the agent's checkpoint: "agent/table" is the table it acts on.
inline void set_array(Agent& agent, const std::string& name, Shape shape, const std::vector<double>& numbers) {
  Checkpoint checkpoint;
  agent.save(checkpoint);
  agent.load(with_array(checkpoint, name, Array::of(std::span<const double>(numbers), shape)));
}

enum class Then { kGoesOn, kTerminated, kTruncated };

// One step of one environment: S, A, R, S'.
inline void show(Agent& agent, std::int64_t state, std::int64_t action, double reward, std::int64_t next_state,
                 Then then = Then::kGoesOn) {
  const std::vector<float> observation{static_cast<float>(state)}, next{static_cast<float>(next_state)};
  const std::vector<double> rewards{reward};
  const std::vector<std::uint8_t> terminated{then == Then::kTerminated}, truncated{then == Then::kTruncated};
  envs::ActionBatch actions;
  actions.discrete = {action};
  agent.observe({.observations = observation,
                 .actions = &actions,
                 .rewards = rewards,
                 .next_observations = next,
                 .terminated = terminated,
                 .truncated = truncated});
}

// Returns the agent's action in a state.
inline std::int64_t action_in(Agent& agent, std::int64_t state) {
  envs::ActionBatch actions;
  agent.act({std::vector<float>{static_cast<float>(state)}, 1}, actions);
  return actions.discrete[0];
}

}  // namespace ludus::agents::testing
