// Gymnasium's stateless functions of an observation. Each throws InvalidArgument, when it is made for a space, if it does
// not apply to it or an argument is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

// Parts of a Dict by name, or of a Tuple by position. `keys`: a list of strings or of integers.
MakeObservationTransform filter_observation(const List& keys);

// One row of numbers: Space::flatten.
MakeObservationTransform flatten_observation();

// An RGB picture, uint8 (height, width, 3), as (height, width), or (height, width, 1) if `keep_dim`.
MakeObservationTransform grayscale_observation(bool keep_dim = false);

// A picture, uint8 (height, width) or (height, width, channels), as shape = {height, width}: see AreaResize.
MakeObservationTransform resize_observation(const std::vector<std::int64_t>& shape);

// A Box in another shape of as many elements.
MakeObservationTransform reshape_observation(const std::vector<std::int64_t>& shape);

// A Box of floats onto [min_obs, max_obs]: see BoxRescaling.
MakeObservationTransform rescale_observation(const Value& min_obs, const Value& max_obs);

// The same numbers in another type: Box, Discrete, MultiDiscrete, MultiBinary.
MakeObservationTransform dtype_observation(DType dtype);

// The cell of a finite Box: see BoxGrid.
MakeObservationTransform discretize_observation(const std::vector<std::int64_t>& bins, bool multidiscrete = false);

}  // namespace ludus::envs
