/// @file
/// A network below its classifier, whose output are features of an image, and the network with a new classifier on
/// them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/model/description.h"
#include "nn/vision/transforms.h"

namespace ludus::vision {

/// A network with its preprocessing, and where its weights are.
struct ImageNetwork {
  std::string name;  // as it was named
  nn::Description description;
  Manifest manifest;
  std::filesystem::path weights;
};

/// Returns the network that `model` names: one of the zoo, a description file (.json), a run folder of `ludus finetune`
/// or its model file, whose weights and manifest are used unless `weights` and `manifest` name others. `weights` may be
/// empty for a network that is trained from nothing. Throws InvalidArgument for a network that does not exist or does
/// not take one image of the manifest's size, or a description file without a manifest; and as load_description() and
/// load_manifest() do.
ImageNetwork read_image_network(const std::string& model, const std::string& weights = "",
                                const std::string& manifest = "");

/// A network up to the features of an image.
struct FeatureNetwork {
  nn::Description description;  // one output, a vector
  std::string layer;            // of the original network, whose output is averaged over space
  std::int64_t width = 0;       // number of features
};

/// Returns the part of a network up to the output of `layer`, averaged over space: a vector. Empty: up to the input of
/// the last layer with parameters before the first output, the bottleneck. Throws InvalidArgument with a suggestion for
/// a layer that does not exist, and for a network without parameters.
FeatureNetwork feature_network(const nn::Description& network, const std::string& layer = "");

/// A network with a new classifier.
struct HeadedNetwork {
  nn::Description description;  // one output, the logits of the classes
  std::string head;             // name of the new dense layer
};

/// Appends layer normalisation without parameters, which makes features of any network alike, dropout, unless its rate
/// is 0, and a dense layer of `classes` units.
HeadedNetwork with_head(const FeatureNetwork& features, std::int64_t classes, double dropout);

/// Returns the names of the last `count` convolutions and dense layers, in their order, with the layers that normalise
/// their outputs: a batch normalisation is trained when the layer before it is. All layers with parameters if there are
/// no more than `count` convolutions and dense layers.
std::vector<std::string> last_layers(const nn::Description& network, std::int64_t count);

}  // namespace ludus::vision
