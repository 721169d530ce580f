/// @file
/// VGG16 and VGG19 (Simonyan and Zisserman 2014, arXiv:1409.1556, configurations D and E), under the names of
/// torchvision's state_dict: "features.0.weight", "classifier.6.bias". Input (3, 224, 224), output the logits.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nn/model/description.h"

namespace ludus::vision::zoo {

/// 138,357,544 parameters for 1000 classes.
nn::Description vgg16(std::int64_t classes = 1000);
/// 143,667,240 parameters for 1000 classes.
nn::Description vgg19(std::int64_t classes = 1000);

/// VGG16 without its dense layers, output (512, 7, 7): 14,714,688 parameters. The base of a new head.
nn::Description vgg16_features();

struct Vgg19FeaturesOptions {
  std::int64_t height = 224, width = 224;                        // pixels
  std::array<std::int64_t, 5> channels{64, 128, 256, 512, 512};  // of each block
  bool average_pool = true;                                      // as style transfer has it; false: maximum, as trained
  std::vector<std::string> outputs = {"conv5_4"};                // names of convolutions, after ReLU
};

/// The convolutions of VGG19 under MatConvNet's names, "conv1_1" to "conv5_4", with ReLU, and pools of 2 x 2 with
/// TensorFlow's "same" edges: features at several depths for an image of any size. See nn/vision/matconvnet.h for its
/// weights.
nn::Description vgg19_features(const Vgg19FeaturesOptions& options = {});

}  // namespace ludus::vision::zoo
