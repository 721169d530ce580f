#include "nn/vision/transfer/backbone.h"

#include "base/format.h"
#include "nn/model/restore.h"
#include "nn/vision/zoo/published_weights.h"

namespace ludus::vision {

nn::Bundle load_backbone(const ImageNetwork& network, const FeatureNetwork& features) {
  if (network.weights.empty()) {
    throw InvalidArgument(
        formatted("network \"{}\" must have trained weights, got no file; name it with --weights", network.name));
  }
  Generator random(0);  // its numbers are replaced
  nn::Model model(features.description, random);
  zoo::load_published_weights(model, network.weights, network.name);
  return nn::to_bundle(model);
}

}  // namespace ludus::vision
