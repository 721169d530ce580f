// Table of the wrappers that can be created from a name and arguments, as recorded in a spec.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"
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
  std::string name;  // vector wrappers have the prefix "vector."
  Dict example;      // arguments that suit most environments it supports; the remaining ones have defaults
  WrapperEffect effect = WrapperEffect::kNothing;
  std::vector<FieldInfo> arguments = {};  // those with a range, and what is listed with them
};

/// Sorted by name. wrap() creates each of them, and throws InvalidArgument if it does not support the environment.
const std::vector<RegisteredWrapper>& registered_wrappers();
const std::vector<RegisteredWrapper>& registered_vector_wrappers();

/// Returns whether a wrapper of a spec applies to a vector of environments.
bool is_vector_wrapper(const WrapperSpec& wrapper);

/// Applies the wrapper of this name. Throws InvalidArgument for an unknown name, an invalid argument, or a wrapper made
/// with a function, which a spec cannot represent.
EnvPtr wrap(EnvPtr env, const WrapperSpec& wrapper);
VectorEnvPtr wrap(VectorEnvPtr envs, const WrapperSpec& wrapper);

}  // namespace ludus::envs
