// The part of a network that looks at observations: numbers as they are, classes one-hot, pictures by convolutions.
#pragma once

#include <torch/nn/module.h>

#include <vector>

#include "nn/networks/feature_options.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {

// Pictures go through the convolutional network of Mnih et al. 2015 (Nature 518, methods): 32 kernels of 8 x 8 by 4, 64
// of 4 x 4 by 2, 64 of 3 x 3 by 1, a dense layer, each with a rectifier. Its parameters are called "images.0.conv0.weight" and
// so on, by the picture's place among the pictures.
class FeatureExtractor : public torch::nn::Module {
 public:
  // Draws the weights of convolutions from `generator`, in the way `initialisation` says. Throws InvalidArgument for
  // options that validate() refuses.
  FeatureExtractor(const FeatureOptions& options, Initialisation initialisation, at::Generator& generator);

  const FeatureOptions& options() const { return options_; }

  // (n x row_size) to (n x outputs), differentiable.
  at::Tensor forward(const at::Tensor& rows) const;

 private:
  struct Layer {
    at::Tensor weight, bias;
    std::int64_t stride;  // of a convolution
  };
  using Image = std::vector<Layer>;  // three convolutions and a dense layer

  at::Tensor see(const at::Tensor& pixels, const FeaturePart& part, const Image& image) const;

  FeatureOptions options_;
  std::vector<Image> images_;
};

}  // namespace ludus::nn
