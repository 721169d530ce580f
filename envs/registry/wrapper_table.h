// Every wrapper that can be made from its name and arguments: what a spec's stack is rebuilt with.
#pragma once

#include <string>
#include <vector>

#include "envs/core/env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

// What a wrapper makes different; all else passes through it unchanged.
enum class Changes : std::uint8_t {
  kNothing,      // it looks on
  kObservation,  // how a state is seen
  kAction,       // how an action is written
  kReward,
  kTask,  // what a step does, or where an episode ends: another game, whose returns are not those of the bare one
};

struct RegisteredWrapper {
  std::string name;  // of a vector wrapper with the prefix "vector."
  Dict example;      // arguments that suit most environments it applies to; those left out have defaults
  Changes changes = Changes::kNothing;
};

// Sorted by name. wrap() makes each of them; where one does not apply to an environment it throws InvalidArgument.
const std::vector<RegisteredWrapper>& registered_wrappers();
const std::vector<RegisteredWrapper>& registered_vector_wrappers();

// Whether a spec's wrapper goes around a vector of environments.
bool is_vector_wrapper(const WrapperSpec& wrapper);

// Puts the wrapper of that name around the environments; throws InvalidArgument for an unknown name, an argument that is
// wrong, or a wrapper made with a function, which a spec cannot hold.
EnvPtr wrap(EnvPtr env, const WrapperSpec& wrapper);
VectorEnvPtr wrap(VectorEnvPtr envs, const WrapperSpec& wrapper);

}  // namespace ludus::envs
