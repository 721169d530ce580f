// Conversions of actions between rows of numbers, as VectorEnv takes them, and elements of a space.
#pragma once

#include <span>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Returns whether actions of the space are passed to VectorEnv::step() as floats.
bool is_box_of_reals(const Space& space);

/// Returns the action that a row (row_size) represents. `scratch` (row_size) is overwritten.
Value action_of(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
Value action_of(const Space& space, std::span<const float> row, std::span<double> scratch);

/// Returns whether a row is a valid action of `space`: integers in the space or, for a floating-point Box, any finite
/// numbers, because continuous environments clip their actions.
bool takes_action(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
bool takes_action(const Space& space, std::span<const float> row, std::span<double> scratch);

}  // namespace ludus::envs
