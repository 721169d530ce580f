// The element of a space that is closest to zero.
#pragma once

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Returns a placeholder for wrappers that need an observation before the first reset: zeros clamped to the bounds, the
/// first element of a Discrete or OneOf, the shortest text, an empty sequence, a graph with one node. Unlike the result
/// of create_empty(), it is always an element of the space. Throws InvalidArgument for an unknown kind of space.
Value zero_element(const Space& space);

}  // namespace ludus::envs
