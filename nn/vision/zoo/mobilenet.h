/// @file
/// MobileNetV1 and V2 for images of (3, 224, 224), outputs the logits.
#pragma once

#include "nn/model/description.h"

namespace ludus::vision::zoo {

/// MobileNetV1, width 1.0 (Howard et al. 2017, arXiv:1704.04861), as in Keras: "same" padding, names of its layers with
/// torch's names of the parameters ("conv_dw_1.weight", "conv_dw_1_bn.running_mean", "conv_preds.bias"). 4,231,976
/// parameters for 1000 classes; with the running statistics 4,253,864, Keras's total.
nn::Description mobilenet_v1(std::int64_t classes = 1000);

/// MobileNetV2, width 1.0 (Sandler et al. 2018, arXiv:1801.04381), under the names of torchvision's state_dict:
/// "features.2.conv.0.0.weight". 3,504,872 parameters for 1000 classes.
nn::Description mobilenet_v2(std::int64_t classes = 1000);

/// MobileNetV2 as TensorFlow's checkpoints have it, with batch normalisation folded into the convolutions: "same"
/// padding, names "stem", "block0" to "block16" with ".expand", ".depthwise" and ".project", "head", "classifier" (a
/// convolution 1 x 1). 1001 outputs: class 0 is the background. 3,489,137 parameters.
nn::Description mobilenet_v2_folded(std::int64_t classes = 1001);

}  // namespace ludus::vision::zoo
