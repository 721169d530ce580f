// The element of a space that is nearest to nothing.
#pragma once

#include "envs/spaces/space.h"

namespace ludus::envs {

// What wrappers show before there is an observation: zeros where the space allows them and the nearest bound where it
// does not, the first of a Discrete or OneOf, the shortest text, an empty sequence, a graph of one node. It is an
// element, which the zeros of create_empty() need not be. Throws InvalidArgument for a kind of space it does not know.
Value zero_element(const Space& space);

}  // namespace ludus::envs
