// The two-dimensional convolution layer.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>

#include "base/array.h"
#include "nn/core/init.h"

namespace ludus::nn {

struct Conv2dOptions {
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t kernel_size = 0;  // height and width of the kernel, pixels
  std::int64_t stride = 1;       // pixels
  Initialisation initialisation = Initialisation::kUniform;
  double gain = 1.0;  // of the initialisation, see init_layer()

  /// Returns (out_channels, height', width') for `input` (in_channels, height, width), with height' = (height −
  /// kernel_size) / stride + 1, rounded down. Throws InvalidArgument for another number of channels or an image smaller
  /// than the kernel.
  Shape output_shape(const Shape& input) const;

  /// Throws InvalidArgument unless the sizes are positive and the gain is finite.
  void validate() const;
};

/// A convolution without padding. The parameters are "weight" (out_channels x in_channels x kernel_size x kernel_size)
/// and "bias" (out_channels), as in torch.nn.Conv2d.
class Conv2d : public torch::nn::Module {
 public:
  /// Initialises the weight, then the bias, with `generator`. Throws InvalidArgument for options that validate()
  /// rejects.
  Conv2d(const Conv2dOptions& options, at::Generator& generator);

  const Conv2dOptions& options() const { return options_; }

  /// Maps (n x in_channels x height x width) to (n x out_channels x height' x width'), differentiable.
  at::Tensor forward(const at::Tensor& input) const;

  at::Tensor weight;
  at::Tensor bias;

 private:
  Conv2dOptions options_;
};

}  // namespace ludus::nn
