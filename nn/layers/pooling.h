// Pooling and upsampling layers of a description, over channels first. This header does not include torch.
#pragma once

#include <optional>

#include "nn/layers/window.h"

namespace ludus::nn::layers {

/// The maximum of every window. Padding counts as -infinity.
template <std::size_t kDimensions>
struct MaxPool {
  static constexpr std::string_view kKind = kDimensions == 1 ? "max_pool1d" : "max_pool2d";

  std::vector<std::int64_t> kernel_size = {2};  // of each dimension, or one for all; so are stride and dilation
  std::optional<std::vector<std::int64_t>> stride = {};
  Padding padding = {};
  std::vector<std::int64_t> dilation = {1};
  bool ceil_mode = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("kernel_size", self.kernel_size, "extent of the window, of each dimension or one for all");
    visit("stride", self.stride, "step of the window; null: the kernel size");
    visit("padding", self.padding, "\"valid\", \"same\", or the padding of each dimension, at most half the kernel");
    visit("dilation", self.dilation, "distance between the window's elements, of each dimension or one for all");
    visit("ceil_mode", self.ceil_mode, "round the number of windows up");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }
  Window window(std::size_t d) const;

  friend bool operator==(const MaxPool&, const MaxPool&) = default;
};

/// The mean of every window. With "same" padding positions outside the input are not counted, as in TensorFlow;
/// explicit padding counts as zeros if `count_include_pad`, as in torch.
template <std::size_t kDimensions>
struct AveragePool {
  static constexpr std::string_view kKind = kDimensions == 1 ? "average_pool1d" : "average_pool2d";

  std::vector<std::int64_t> kernel_size = {2};
  std::optional<std::vector<std::int64_t>> stride = {};
  Padding padding = {};
  bool ceil_mode = false;
  bool count_include_pad = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("kernel_size", self.kernel_size, "extent of the window, of each dimension or one for all");
    visit("stride", self.stride, "step of the window; null: the kernel size");
    visit("padding", self.padding, "\"valid\", \"same\", or the padding of each dimension, at most half the kernel");
    visit("ceil_mode", self.ceil_mode, "round the number of windows up");
    visit("count_include_pad", self.count_include_pad, "explicit padding counts as zeros");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }
  Window window(std::size_t d) const;

  friend bool operator==(const AveragePool&, const AveragePool&) = default;
};

using MaxPool1d = MaxPool<1>;
using MaxPool2d = MaxPool<2>;
using AveragePool1d = AveragePool<1>;
using AveragePool2d = AveragePool<2>;

/// The maximum of every channel over all positions: (channels, …) to (channels), or (channels, 1, …).
struct GlobalMaxPool {
  static constexpr std::string_view kKind = "global_max_pool";
  bool keep_dimensions = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("keep_dimensions", self.keep_dimensions, "keep the pooled dimensions with extent 1");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const GlobalMaxPool&, const GlobalMaxPool&) = default;
};

/// The mean of every channel over all positions: (channels, …) to (channels), or (channels, 1, …).
struct GlobalAveragePool {
  static constexpr std::string_view kKind = "global_average_pool";
  bool keep_dimensions = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("keep_dimensions", self.keep_dimensions, "keep the pooled dimensions with extent 1");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const GlobalAveragePool&, const GlobalAveragePool&) = default;
};

/// Enlarges (channels, length) or (channels, height, width) by whole factors. "nearest" repeats every position;
/// "linear" interpolates (bilinear in two dimensions) between the centres of positions, as torch does with
/// align_corners=False.
struct Upsample {
  static constexpr std::string_view kKind = "upsample";

  std::vector<std::int64_t> scale = {2};  // of each dimension, or one for all
  std::string mode = "nearest";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("scale", self.scale, "factor of each dimension, or one for all");
    visit("mode", self.mode, "\"nearest\" or \"linear\"");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Upsample&, const Upsample&) = default;
};

at::Tensor forward(const MaxPool1d& layer, const ForwardArguments& arguments);
at::Tensor forward(const MaxPool2d& layer, const ForwardArguments& arguments);
at::Tensor forward(const AveragePool1d& layer, const ForwardArguments& arguments);
at::Tensor forward(const AveragePool2d& layer, const ForwardArguments& arguments);
at::Tensor forward(const GlobalMaxPool& layer, const ForwardArguments& arguments);
at::Tensor forward(const GlobalAveragePool& layer, const ForwardArguments& arguments);
at::Tensor forward(const Upsample& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
