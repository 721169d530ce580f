// Actions as rows of numbers, the form in which VectorEnv takes them, and as elements of a space.
#pragma once

#include <span>

#include "envs/spaces/space.h"

namespace ludus::envs {

// Whether its rows are reals: VectorEnv::step of float.
bool is_box_of_reals(const Space& space);

// The element that a row (row_size) stands for. `scratch` (row_size) is memory to be overwritten.
Value action_of(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
Value action_of(const Space& space, std::span<const float> row, std::span<double> scratch);

// Whether a row is an action of `space`: integers in the space, or for a Box of reals any finite numbers, since
// continuous environments clip what they are given.
bool takes_action(const Space& space, std::span<const std::int64_t> row, std::span<double> scratch);
bool takes_action(const Space& space, std::span<const float> row, std::span<double> scratch);

}  // namespace ludus::envs
