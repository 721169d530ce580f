#include "nn/layers/convolution.h"

#include <algorithm>

#include "base/format.h"
#include "nn/layers/shape_parts.h"

namespace ludus::nn::layers {
namespace {

// Throws unless `input` is (channels, …) with the channels known.
template <std::size_t kDimensions>
void check_channels_first(const Shape& input) {
  if (input.rank() != kDimensions + 1) throw_input_shape(kChannelsFirst[kDimensions - 1], input);
  require_known("number of channels", input[0], input);
}

void check_groups(std::int64_t groups, std::int64_t out_channels, const Shape& input) {
  if (input[0] % groups != 0) {
    throw_input_shape(formatted("of channels that {} groups divide", groups), input);
  }
  if (out_channels % groups != 0) {
    throw InvalidArgument(formatted("out_channels must be divisible by groups, got {} and {}", out_channels, groups));
  }
}

std::int64_t kernel_elements(const std::vector<std::int64_t>& kernel_size, std::size_t dimensions) {
  std::int64_t count = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    count *= at_dimension(kernel_size, d);
    check_range("number of elements of the kernel", count, 1);
  }
  return count;
}

Shape weight_shape(std::int64_t first, std::int64_t second, const std::vector<std::int64_t>& kernel_size,
                   std::size_t dimensions) {
  std::vector<std::int64_t> extents{first, second};
  for (std::size_t d = 0; d < dimensions; ++d) extents.push_back(at_dimension(kernel_size, d));
  return make_shape(extents);
}

}  // namespace

// ---- convolution ---------------------------------------------------------------------------------------------------

template <std::size_t kDimensions>
void Convolution<kDimensions>::check() const {
  check_range("out_channels", out_channels, 1);
  check_dimensions("kernel_size", kernel_size, kDimensions, 1);
  check_dimensions("stride", stride, kDimensions, 1);
  check_dimensions("dilation", dilation, kDimensions, 1);
  check_padding(padding, kDimensions);
  check_range("groups", groups, 1);
  kernel_elements(kernel_size, kDimensions);
}

template <std::size_t kDimensions>
Window Convolution<kDimensions>::window(std::size_t d) const {
  return {
      .kernel = at_dimension(kernel_size, d), .stride = at_dimension(stride, d), .dilation = at_dimension(dilation, d)};
}

template <std::size_t kDimensions>
Shape Convolution<kDimensions>::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  check_channels_first<kDimensions>(input);
  check_groups(groups, out_channels, input);
  return windowed_shape(input, out_channels, kDimensions, padding, [this](std::size_t d) { return window(d); });
}

template <std::size_t kDimensions>
std::vector<ParameterSpec> Convolution<kDimensions>::parameters(Shapes inputs) const {
  const std::int64_t in_channels = single(inputs)[0], elements = kernel_elements(kernel_size, kDimensions);
  const Fans fans{.in = in_channels / groups * elements, .out = out_channels * elements};
  return weight_and_bias(*this, weight_shape(out_channels, in_channels / groups, kernel_size, kDimensions),
                         out_channels, fans);
}

// ---- depthwise convolution -----------------------------------------------------------------------------------------

template <std::size_t kDimensions>
Convolution<kDimensions> DepthwiseConvolution<kDimensions>::grouped(std::int64_t in_channels) const {
  return {.out_channels = in_channels * multiplier,
          .kernel_size = kernel_size,
          .stride = stride,
          .padding = padding,
          .dilation = dilation,
          .groups = in_channels,
          .bias = bias,
          .activation = activation,
          .weight_init = weight_init,
          .bias_init = bias_init};
}

template <std::size_t kDimensions>
void DepthwiseConvolution<kDimensions>::check() const {
  check_range("multiplier", multiplier, 1);
  grouped(1).check();
}

template <std::size_t kDimensions>
Shape DepthwiseConvolution<kDimensions>::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  check_channels_first<kDimensions>(input);
  return grouped(input[0]).output_shape(inputs);
}

template <std::size_t kDimensions>
std::vector<ParameterSpec> DepthwiseConvolution<kDimensions>::parameters(Shapes inputs) const {
  return grouped(single(inputs)[0]).parameters(inputs);
}

// ---- transposed convolution ----------------------------------------------------------------------------------------

template <std::size_t kDimensions>
void TransposedConvolution<kDimensions>::check() const {
  check_range("out_channels", out_channels, 1);
  check_dimensions("kernel_size", kernel_size, kDimensions, 1);
  check_dimensions("stride", stride, kDimensions, 1);
  check_dimensions("dilation", dilation, kDimensions, 1);
  check_dimensions("output_padding", output_padding, kDimensions, 0);
  check_padding(padding, kDimensions);
  check_range("groups", groups, 1);
  kernel_elements(kernel_size, kDimensions);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    const std::int64_t limit = std::max(at_dimension(stride, d), at_dimension(dilation, d));
    check_range("output_padding", at_dimension(output_padding, d), 0, limit - 1);
    if (padding.kind == Padding::Kind::kSame && at_dimension(output_padding, d) != 0) {
      throw InvalidArgument("output_padding must be 0 with padding \"same\", which determines the output");
    }
  }
}

template <std::size_t kDimensions>
Shape TransposedConvolution<kDimensions>::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  check_channels_first<kDimensions>(input);
  check_groups(groups, out_channels, input);
  std::vector<std::int64_t> extents{out_channels};
  for (std::size_t d = 0; d < kDimensions; ++d) {
    const std::int64_t extent = input[d + 1], step = at_dimension(stride, d);
    const Window window{.kernel = at_dimension(kernel_size, d), .stride = step, .dilation = at_dimension(dilation, d)};
    if (extent == kFree) {
      extents.push_back(kFree);
    } else if (padding.kind == Padding::Kind::kSame) {
      extents.push_back(extent * step);
    } else {
      const Margins cut = margins(window, padding, d, extent);
      extents.push_back((extent - 1) * step - cut.before - cut.after + window.span() + at_dimension(output_padding, d));
      if (extents.back() < 1) {
        throw_input_shape(formatted("whose output is larger than the padding of dimension {}", d), input);
      }
    }
  }
  return make_shape(extents);
}

template <std::size_t kDimensions>
std::vector<ParameterSpec> TransposedConvolution<kDimensions>::parameters(Shapes inputs) const {
  const std::int64_t in_channels = single(inputs)[0], elements = kernel_elements(kernel_size, kDimensions);
  // torch's fan_in is computed from the second extent of the weight, which counts outputs here
  const Fans fans{.in = out_channels / groups * elements, .out = in_channels * elements};
  return weight_and_bias(*this, weight_shape(in_channels, out_channels / groups, kernel_size, kDimensions),
                         out_channels, fans);
}

template struct Convolution<1>;
template struct Convolution<2>;
template struct DepthwiseConvolution<1>;
template struct DepthwiseConvolution<2>;
template struct TransposedConvolution<1>;
template struct TransposedConvolution<2>;

}  // namespace ludus::nn::layers
