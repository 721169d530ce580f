/// @file
/// ResNet-18 and ResNet-50 (He et al. 2015, arXiv:1512.03385), with the stride in the 3 x 3 convolution as torchvision
/// has it, under the names of its state_dict: "layer1.0.conv1.weight", "layer2.0.downsample.1.running_mean", "fc.bias".
/// Input (3, 224, 224), output the logits.
#pragma once

#include "nn/model/description.h"

namespace ludus::vision::zoo {

/// 11,689,512 parameters for 1000 classes.
nn::Description resnet18(std::int64_t classes = 1000);
/// 25,557,032 parameters for 1000 classes.
nn::Description resnet50(std::int64_t classes = 1000);

}  // namespace ludus::vision::zoo
