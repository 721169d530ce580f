/// @file
/// Gymnasium's stateless transforms of observations. Each throws InvalidArgument, when it is created for a space, if it
/// does not apply to it or an argument is invalid.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

/// Selects parts of a Dict by name or of a Tuple by position. `keys`: a list of strings or of integers.
MakeObservationTransform filter_observation(const List& keys);

/// Flattens to one row of numbers: Space::flatten.
MakeObservationTransform flatten_observation();

/// Converts an RGB image, uint8 (height, width, 3), to (height, width), or (height, width, 1) with `keep_dim`.
MakeObservationTransform grayscale_observation(bool keep_dim = false);

/// Resizes an image, uint8 (height, width) or (height, width, channels), to shape = {height, width}: see AreaResize.
MakeObservationTransform resize_observation(const std::vector<std::int64_t>& shape);

/// Reshapes a Box; the number of elements must match.
MakeObservationTransform reshape_observation(const std::vector<std::int64_t>& shape);

/// Maps a Box of floats onto [min_obs, max_obs]: see BoxRescaling.
MakeObservationTransform rescale_observation(const Value& min_obs, const Value& max_obs);

/// Casts to another dtype: Box, Discrete, MultiDiscrete, MultiBinary.
MakeObservationTransform dtype_observation(DType dtype);

/// Maps a finite Box to the index of its cell: see BoxGrid.
MakeObservationTransform discretize_observation(const std::vector<std::int64_t>& bins, bool multidiscrete = false);

}  // namespace ludus::envs
