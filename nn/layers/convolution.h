// Convolution layers of a description, over channels first: (channels, length) and (channels, height, width). This
// header does not include torch.
#pragma once

#include "nn/layers/activation.h"
#include "nn/layers/window.h"

namespace ludus::nn::layers {

/// A convolution (cross-correlation) with `kDimensions` spatial dimensions. Parameters: "weight" (out_channels x
/// in_channels / groups x kernel …) and "bias" (out_channels), as in torch.nn.Conv1d and Conv2d.
template <std::size_t kDimensions>
struct Convolution {
  static constexpr std::string_view kKind = kDimensions == 1 ? "conv1d" : "conv2d";

  std::int64_t out_channels = 0;
  std::vector<std::int64_t> kernel_size = {3};  // of each dimension, or one for all; so are stride and dilation
  std::vector<std::int64_t> stride = {1};
  Padding padding = {};
  std::vector<std::int64_t> dilation = {1};
  std::int64_t groups = 1;
  bool bias = true;
  Activation activation = Activation::kNone;
  Initializer weight_init = {};
  Initializer bias_init = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("out_channels", self.out_channels, "number of output channels");
    visit("kernel_size", self.kernel_size, "extent of the kernel, of each dimension or one for all");
    visit("stride", self.stride, "step of the window, of each dimension or one for all");
    visit("padding", self.padding, "\"valid\", \"same\", or the padding of each dimension");
    visit("dilation", self.dilation, "distance between the kernel's elements, of each dimension or one for all");
    visit("groups", self.groups, "number of groups into which input and output channels are divided");
    visit("bias", self.bias, "whether there is a bias");
    visit("activation", self.activation, one_of(kActivationNames), "function of each output");
    visit("weight_init", self.weight_init, "initialiser of the weight");
    visit("bias_init", self.bias_init, "initialiser of the bias");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;
  Window window(std::size_t d) const;

  friend bool operator==(const Convolution&, const Convolution&) = default;
};

/// A convolution of every channel with `multiplier` kernels of its own: groups = in_channels. Parameters: "weight"
/// (in_channels · multiplier x 1 x kernel …) and "bias".
template <std::size_t kDimensions>
struct DepthwiseConvolution {
  static constexpr std::string_view kKind = kDimensions == 1 ? "depthwise_conv1d" : "depthwise_conv2d";

  std::int64_t multiplier = 1;
  std::vector<std::int64_t> kernel_size = {3};
  std::vector<std::int64_t> stride = {1};
  Padding padding = {};
  std::vector<std::int64_t> dilation = {1};
  bool bias = true;
  Activation activation = Activation::kNone;
  Initializer weight_init = {};
  Initializer bias_init = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("multiplier", self.multiplier, "number of output channels for each input channel");
    visit("kernel_size", self.kernel_size, "extent of the kernel, of each dimension or one for all");
    visit("stride", self.stride, "step of the window, of each dimension or one for all");
    visit("padding", self.padding, "\"valid\", \"same\", or the padding of each dimension");
    visit("dilation", self.dilation, "distance between the kernel's elements, of each dimension or one for all");
    visit("bias", self.bias, "whether there is a bias");
    visit("activation", self.activation, one_of(kActivationNames), "function of each output");
    visit("weight_init", self.weight_init, "initialiser of the weight");
    visit("bias_init", self.bias_init, "initialiser of the bias");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;
  /// Returns the grouped convolution that this layer is for `in_channels`.
  Convolution<kDimensions> grouped(std::int64_t in_channels) const;

  friend bool operator==(const DepthwiseConvolution&, const DepthwiseConvolution&) = default;
};

/// A transposed convolution. With explicit or no padding the output extent is torch's, (extent - 1) stride - 2 padding
/// + dilation (kernel - 1) + output_padding + 1; with "same" it is TensorFlow's, extent · stride. Parameters: "weight"
/// (in_channels x out_channels / groups x kernel …) and "bias" (out_channels), as in torch.nn.ConvTranspose2d.
template <std::size_t kDimensions>
struct TransposedConvolution {
  static constexpr std::string_view kKind = kDimensions == 1 ? "conv_transpose1d" : "conv_transpose2d";

  std::int64_t out_channels = 0;
  std::vector<std::int64_t> kernel_size = {3};
  std::vector<std::int64_t> stride = {1};
  Padding padding = {};
  std::vector<std::int64_t> output_padding = {0};
  std::vector<std::int64_t> dilation = {1};
  std::int64_t groups = 1;
  bool bias = true;
  Activation activation = Activation::kNone;
  Initializer weight_init = {};
  Initializer bias_init = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("out_channels", self.out_channels, "number of output channels");
    visit("kernel_size", self.kernel_size, "extent of the kernel, of each dimension or one for all");
    visit("stride", self.stride, "step between the windows in the output, of each dimension or one for all");
    visit("padding", self.padding, "\"valid\", \"same\", or what is cut off at both sides of each dimension");
    visit("output_padding", self.output_padding, "positions added behind the output; below stride or dilation");
    visit("dilation", self.dilation, "distance between the kernel's elements, of each dimension or one for all");
    visit("groups", self.groups, "number of groups into which input and output channels are divided");
    visit("bias", self.bias, "whether there is a bias");
    visit("activation", self.activation, one_of(kActivationNames), "function of each output");
    visit("weight_init", self.weight_init, "initialiser of the weight");
    visit("bias_init", self.bias_init, "initialiser of the bias");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const TransposedConvolution&, const TransposedConvolution&) = default;
};

using Conv1d = Convolution<1>;
using Conv2d = Convolution<2>;
using DepthwiseConv1d = DepthwiseConvolution<1>;
using DepthwiseConv2d = DepthwiseConvolution<2>;
using ConvTranspose1d = TransposedConvolution<1>;
using ConvTranspose2d = TransposedConvolution<2>;

at::Tensor forward(const Conv1d& layer, const ForwardArguments& arguments);
at::Tensor forward(const Conv2d& layer, const ForwardArguments& arguments);
at::Tensor forward(const DepthwiseConv1d& layer, const ForwardArguments& arguments);
at::Tensor forward(const DepthwiseConv2d& layer, const ForwardArguments& arguments);
at::Tensor forward(const ConvTranspose1d& layer, const ForwardArguments& arguments);
at::Tensor forward(const ConvTranspose2d& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
