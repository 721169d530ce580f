/// @file
/// Small networks for digits, (1, 28, 28).
#pragma once

#include "nn/model/description.h"

namespace ludus::vision::zoo {

/// LeNet-5 (LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"), with the complete
/// connections of today's copies: convolutions of 6 (padded) and 16 channels with tanh, each with a mean pool, then
/// dense layers of 120, 84 and `classes`. 61,706 parameters.
nn::Description lenet5(std::int64_t classes = 10);

/// The wider LeNet-5 of TensorFlow tutorials: convolutions 5 x 5 of 32 and 64 channels with ReLU, "same" padding and
/// maximum pools, dense layers of 512 and `classes`. 1,663,370 parameters.
nn::Description lenet5_wide(std::int64_t classes = 10);

/// The MNIST ConvNet of TensorFlow Estimator tutorials: convolutions 5 x 5 of 20 and 40 channels without padding, each
/// with a maximum pool, dense layers of 256 and 256 with dropout, and `classes`. Glorot initialisation. 253,018
/// parameters.
nn::Description mnist_convnet(std::int64_t classes = 10);

}  // namespace ludus::vision::zoo
