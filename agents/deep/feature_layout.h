// What the numbers of an observation's row mean, for the network that looks at them.
#pragma once

#include <string_view>

#include "envs/spaces/space.h"
#include "nn/networks/feature_options.h"

namespace ludus::agents {

// The parts of a row (Space::to_row) of that space: Discrete and MultiDiscrete one-hot; a Box of uint8 with three
// extents (height x width x channels, or frames x height x width) or four (frames x height x width x channels) is a
// picture; any other Box, MultiBinary and OneOf, Text as their numbers; Tuple and Dict one part after another. Throws
// NotApplicable, naming `algorithm`, for a space without rows (Graph, Sequence).
nn::FeatureOptions feature_layout(const envs::Space& space, std::string_view algorithm);

}  // namespace ludus::agents
