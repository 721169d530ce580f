// The mapping from an observation space to the inputs of a feature extractor.
#pragma once

#include <string_view>

#include "envs/spaces/space.h"
#include "nn/networks/feature_options.h"

namespace ludus::agents {

/// Returns the parts of a row (Space::to_row) of the space: Discrete and MultiDiscrete are one-hot; a Box of uint8 with
/// three dimensions (height x width x channels, or frames x height x width) or four (frames x height x width x
/// channels) is an image; any other Box, MultiBinary, OneOf and Text are plain numbers; Tuple and Dict are
/// concatenated. Throws NotApplicable, naming `algorithm`, for a space without rows (Graph, Sequence).
nn::FeatureOptions feature_layout(const envs::Space& space, std::string_view algorithm);

}  // namespace ludus::agents
