// Batches: many elements of one space as a single value, as used by vector environments.
//
// A batch of Box, Discrete, MultiDiscrete or MultiBinary is an array with the batch as its first axis. A batch of Tuple
// or Dict is a list or dictionary of the batches of its parts. Batches of other spaces are lists of elements.
#pragma once

#include <span>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Returns the space of batches of `n`: Box of (n, ...), MultiDiscrete for Discrete, Box for MultiDiscrete and
/// MultiBinary, Tuple and Dict part by part, and a Tuple of n copies (seeded from integers(10^8)) for other spaces. It
/// continues with a copy of the space's generator, as in Gymnasium. Throws InvalidArgument unless n > 0.
SpacePtr batch_space(const Space& space, std::int64_t n);

/// Returns the batch of `items`, which are elements of `space`. Throws InvalidArgument for an item of another form.
Value concatenate(const Space& space, std::span<const Value> items);

/// Returns the elements of a batch; the inverse of concatenate(). Throws InvalidArgument if `batch` is not a batch.
List iterate(const Space& space, const Value& batch);

/// Returns a batch of `n` zeros (for Text of the minimum length, for Graph with one node, for Sequence empty), which
/// need not be elements of the space. Throws InvalidArgument if n < 0.
Value create_empty(const Space& space, std::int64_t n);

}  // namespace ludus::envs
