// Many elements of one space as one value, as vector environments hand them around.
//
// A batch of Box, Discrete, MultiDiscrete or MultiBinary is an array whose first axis counts the elements; a batch of
// Tuple or Dict is a list or dictionary of the batches of its parts; a batch of anything else is a list of elements.
#pragma once

#include <span>

#include "envs/spaces/space.h"

namespace ludus::envs {

// The space of batches of `n`: Box of (n, ...), MultiDiscrete for Discrete, Box for MultiDiscrete and MultiBinary, Tuple
// and Dict part by part, a Tuple of n copies (seeded from integers(10^8)) for the rest. It goes on with a copy of the
// space's generator, as in Gymnasium. Throws InvalidArgument unless n > 0.
SpacePtr batch_space(const Space& space, std::int64_t n);

// The batch of `items`, each an element of `space`; throws InvalidArgument for an item of another form.
Value concatenate(const Space& space, std::span<const Value> items);

// The elements of a batch, the inverse of concatenate(); throws InvalidArgument if `batch` is not of that form.
List iterate(const Space& space, const Value& batch);

// A batch of `n` full of zeros (texts of their least length, graphs of one node, sequences of none), which need not be
// elements. Throws InvalidArgument if n < 0.
Value create_empty(const Space& space, std::int64_t n);

}  // namespace ludus::envs
