/// @file
/// The feature network of an image network with its weights. This header does not include torch.
#pragma once

#include "nn/model/bundle.h"
#include "nn/vision/transfer/feature_network.h"

namespace ludus::vision {

/// Returns the feature network as a model with the weights of the file, float16 widened to float32. Arrays of the file
/// that belong to layers above the features are not read. Throws CorruptCheckpoint naming the file if arrays are
/// missing or have another shape, InvalidArgument for a network without a file of weights, and as nn::restore().
nn::Bundle load_backbone(const ImageNetwork& network, const FeatureNetwork& features);

}  // namespace ludus::vision
