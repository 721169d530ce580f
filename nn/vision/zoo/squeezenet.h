/// @file
/// SqueezeNet 1.1 (Iandola et al. 2016, arXiv:1602.07360; github.com/forresti/SqueezeNet).
#pragma once

#include "nn/model/description.h"

namespace ludus::vision::zoo {

/// Under the names of torchvision's state_dict: "features.0.weight", "features.3.squeeze.weight", "classifier.1.bias".
/// Input (3, 224, 224), output the logits. 1,235,496 parameters for 1000 classes.
nn::Description squeezenet1_1(std::int64_t classes = 1000);

/// The same network under the names of the Caffe model: "conv1.weight", "fire2.squeeze1x1.weight", "conv10.bias".
nn::Description squeezenet1_1_caffe(std::int64_t classes = 1000);

}  // namespace ludus::vision::zoo
