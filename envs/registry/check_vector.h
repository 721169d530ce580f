// Comparison of vector environments with single environments, for check_env().
#pragma once

#include <functional>
#include <span>
#include <string>

#include "envs/core/env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// Returns whether actions of the space can be passed as rows of numbers, as VectorEnv::step() requires.
bool acts_by_rows(const Space& space);

/// Steps `envs` and the same number of single environments from `make` with equal seeds and actions. Describes the
/// first difference; empty if there is none.
std::string difference_from_singles(VectorEnv& envs, const std::function<EnvPtr()>& make,
                                    std::span<const Value> actions, std::uint64_t seed);

}  // namespace ludus::envs
