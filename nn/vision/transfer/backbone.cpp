#include "nn/vision/transfer/backbone.h"

#include <algorithm>

#include "base/checkpoint.h"
#include "base/format.h"
#include "base/text.h"
#include "nn/model/restore.h"

namespace ludus::vision {

nn::Bundle load_backbone(const ImageNetwork& network, const FeatureNetwork& features) {
  if (network.weights.empty()) {
    throw InvalidArgument(
        formatted("network \"{}\" must have trained weights, got no file; name it with --weights", network.name));
  }
  Generator random(0);  // its numbers are replaced
  nn::Model model(features.description, random);
  nn::RestoreReport report = nn::restore(model, network.weights);
  // counts the batches of training; files of inference may leave it out
  std::erase_if(report.missing, [](const std::string& name) { return name.ends_with(".num_batches_tracked"); });
  if (!report.complete()) {
    std::vector<std::string> faults;
    if (!report.missing.empty()) {
      faults.push_back(
          formatted("{} arrays are missing, the first is \"{}\"", report.missing.size(), report.missing[0]));
    }
    if (!report.wrong_shape.empty()) {
      faults.push_back(
          formatted("{} have another shape, the first is {}", report.wrong_shape.size(), report.wrong_shape[0]));
    }
    throw CorruptCheckpoint(formatted("{}: these are not weights of network \"{}\": {}; give the file of this network",
                                      network.weights.string(), network.name, joined(faults)));
  }
  return nn::to_bundle(model);
}

}  // namespace ludus::vision
