// Converts and checks actions: rows of numbers, as VectorEnv::step takes them, and elements of a space.
#pragma once

#include <span>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Returns whether actions of this space are continuous: a Box of floating-point numbers, stepped with rows of float.
bool is_continuous(const Space& space);

/// Returns the element of the space that a row (row_size) represents. `scratch` (row_size) is overwritten.
Value action_of(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
Value action_of(const Space& space, std::span<const float> row, std::span<double> scratch);

/// Returns whether a row is an action of `space`: integers that the space contains, or for a continuous space any
/// finite numbers, since continuous environments clip their actions.
bool takes_action(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
bool takes_action(const Space& space, std::span<const float> row, std::span<double> scratch);

}  // namespace ludus::envs
