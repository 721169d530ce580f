/// @file
/// Records what a policy sees and does, for the self-test of an exported policy.
#pragma once

#include <cstdint>
#include <vector>

#include "agents/core/policy.h"
#include "envs/vector/vector_env.h"
#include "nn/model/c_header.h"

namespace ludus::agents {

/// Runs the policy, deterministic, from a reset with `seed`, and returns `count` observations with its actions, step by
/// step of all environments. Throws InvalidArgument if the environments are in the mode disabled.
std::vector<nn::RecordedExample> record_examples(Policy& policy, envs::VectorEnv& envs, std::size_t count,
                                                 std::uint64_t seed);

}  // namespace ludus::agents
