/// @file
/// Inception V3 (Szegedy et al. 2015, arXiv:1512.00567), under the names of torchvision's state_dict:
/// "Conv2d_1a_3x3.conv.weight", "Mixed_5b.branch5x5_1.bn.bias", "AuxLogits.fc.weight", "fc.bias". Input (3, 299, 299).
#pragma once

#include "nn/model/description.h"

namespace ludus::vision::zoo {

struct InceptionV3Options {
  std::int64_t classes = 1000;
  bool auxiliary = false;  // a second output, the logits of the auxiliary classifier, which only training uses
};

/// 23,834,568 parameters for 1000 classes, and with the auxiliary classifier 27,161,264, torchvision's count. Keras's
/// total, 23,851,784, counts the running statistics and has no scale in its batch normalisation.
nn::Description inception_v3(const InceptionV3Options& options = {});

}  // namespace ludus::vision::zoo
