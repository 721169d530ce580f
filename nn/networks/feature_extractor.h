// The feature extractor of a network: numbers unchanged, classes one-hot, images through convolutions.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/core/initialisation.h"
#include "nn/layers/conv2d.h"
#include "nn/layers/linear.h"
#include "nn/networks/feature_options.h"

namespace ludus::nn {

/// The convolutional network of Mnih et al. 2015 (Nature 518, methods) for one image: 32 kernels of 8 x 8 with stride
/// 4, 64 of 4 x 4 with stride 2, 64 of 3 x 3 with stride 1, and a linear layer, each followed by ReLU. The parameters
/// are "conv0.weight", …, "conv2.bias", "dense.weight" and "dense.bias".
class ImageEncoder : public torch::nn::Module {
 public:
  /// Initialises the weights with `generator`. `part` is an image; `outputs` is the number of features.
  ImageEncoder(const FeaturePart& part, std::int64_t outputs, Initialisation initialisation, at::Generator& generator);

  /// Maps pixels of 0 to 255 (n x frames * height * width * channels) to features (n x outputs), differentiable.
  at::Tensor forward(const at::Tensor& pixels) const;

 private:
  at::Tensor conv_forward(
      const at::Tensor& planes) const;  // (n x frames * channels x height x width) to (n x c x h x w)

  FeaturePart part_;
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
  std::shared_ptr<Linear> dense_;
};

/// The parameters are those of one ImageEncoder per image: "images.0.conv0.weight", …
class FeatureExtractor : public torch::nn::Module {
 public:
  /// Initialises the weights of the image encoders with `generator`. Throws InvalidArgument for options that validate()
  /// rejects.
  FeatureExtractor(const FeatureOptions& options, Initialisation initialisation, at::Generator& generator);

  const FeatureOptions& options() const { return options_; }

  /// Maps (n x row_size) to (n x outputs), differentiable. Throws InvalidArgument for another shape.
  at::Tensor forward(const at::Tensor& rows) const;

 private:
  FeatureOptions options_;
  std::vector<std::shared_ptr<ImageEncoder>> images_;
};

}  // namespace ludus::nn
