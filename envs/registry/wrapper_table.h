// Every wrapper that can be made from its name and arguments: what a spec's stack is rebuilt with.
#pragma once

#include <string>
#include <vector>

#include "envs/core/env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// The part of an environment that a wrapper changes; everything else passes through unchanged.
enum class WrapperEffect : std::uint8_t {
  kNothing,      ///< observes only
  kObservation,  ///< the observation of a state
  kAction,       ///< the encoding of an action
  kReward,
  kTask,  ///< dynamics or episode ends: returns are not comparable to the bare environment's
};

struct RegisteredWrapper {
  std::string name;  // of a vector wrapper with the prefix "vector."
  Dict example;      // arguments that suit most environments it applies to; those left out have defaults
  WrapperEffect effect = WrapperEffect::kNothing;
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
