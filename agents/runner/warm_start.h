/// @file
/// A training that begins with what another one learned: fine-tuning and curricula.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/core/agent.h"

namespace ludus::agents {

/// What can be taken over from a checkpoint:
///   policy     what predict() needs: the networks that act, tables, normalisation of observations
///   critic     the other networks: critics, targets, temperature; PPO, A2C and REINFORCE keep theirs with the policy
///   optimizer  the state of the optimisers
///   replay     the replay buffer
inline constexpr std::string_view kWarmStartParts[] = {"policy", "critic", "optimizer", "replay"};

/// Throws InvalidArgument for a part that does not exist, twice the same, or none.
void check_warm_start_parts(std::span<const std::string> parts);

/// Returns the file that `from` stands for: itself, or of a run folder the best policy, or, for parts that only
/// checkpoints hold, the newest checkpoint. Throws InputError.
std::filesystem::path warm_start_file(const std::string& from, std::span<const std::string> parts);

/// Loads parts of a checkpoint into an agent that has not been trained. The agent's settings may differ from those of
/// the training that was saved where the parts are of the same form. Throws CorruptCheckpoint; NotApplicable if the
/// spaces differ; InvalidArgument if the file or the agent has no such part, or the part is of another form. The agent
/// is then unchanged, except that its policy may have been loaded.
void warm_start(Agent& agent, const EnvSignature& env, const std::filesystem::path& file,
                std::span<const std::string> parts);

}  // namespace ludus::agents
