#include <ATen/ATen.h>

#include <algorithm>

#include "nn/layers/convolution.h"
#include "nn/layers/forward.h"

namespace ludus::nn::layers {
namespace {

std::vector<std::int64_t> each_dimension(const std::vector<std::int64_t>& setting, std::size_t dimensions) {
  return setting.size() == 1 ? std::vector<std::int64_t>(dimensions, setting[0]) : setting;
}

at::Tensor bias_of(bool bias, const ForwardArguments& a) {
  return bias ? a.parameters[1] : at::Tensor();
}

// Of a result that autograd does not need, ReLUs are computed in place: a pass over memory less.
at::Tensor activated(at::Tensor y, Activation activation) {
  if (!y.requires_grad() && activation == Activation::kRelu) return y.relu_();
  if (!y.requires_grad() && activation == Activation::kRelu6) return at::hardtanh_(y, 0, 6);
  return activate(y, activation);
}

template <std::size_t kDimensions>
at::Tensor convolve(const Convolution<kDimensions>& layer, const ForwardArguments& a) {
  // torch's operator pads both sides alike; a longer side is padded before it
  at::Tensor x = a.x();
  std::vector<std::int64_t> both_sides, uneven;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    const Margins margin = margins(layer.window(d), layer.padding, d, x.size(static_cast<std::int64_t>(d) + 2));
    both_sides.push_back(margin.before);
    uneven.insert(uneven.begin(), {0, margin.after - margin.before});  // the last dimension comes first
  }
  if (std::any_of(uneven.begin(), uneven.end(), [](std::int64_t size) { return size > 0; })) {
    x = at::constant_pad_nd(x, uneven);
  }

  const auto stride = each_dimension(layer.stride, kDimensions), dilation = each_dimension(layer.dilation, kDimensions);
  const at::Tensor bias = bias_of(layer.bias, a);
  const at::Tensor y = kDimensions == 1
                           ? at::conv1d(x, a.parameters[0], bias, stride, both_sides, dilation, layer.groups)
                           : at::conv2d(x, a.parameters[0], bias, stride, both_sides, dilation, layer.groups);
  return activated(y, layer.activation);
}

template <std::size_t kDimensions>
at::Tensor convolve_transposed(const TransposedConvolution<kDimensions>& layer, const ForwardArguments& a) {
  const bool same = layer.padding.kind == Padding::Kind::kSame;
  std::vector<std::int64_t> padding, output_padding = each_dimension(layer.output_padding, kDimensions);
  std::vector<std::int64_t> begin(kDimensions, 0), length(kDimensions, 0);
  for (std::size_t d = 0; d < kDimensions; ++d) {
    const std::int64_t extent = a.x().size(static_cast<std::int64_t>(d) + 2);
    const Window window{.kernel = at_dimension(layer.kernel_size, d),
                        .stride = at_dimension(layer.stride, d),
                        .dilation = at_dimension(layer.dilation, d)};
    // TensorFlow's "same" is the gradient of a convolution of extent · stride positions: the margins of that
    // convolution are cut off, and positions that no window reaches are added
    length[d] = extent * window.stride;
    begin[d] = margins(window, Padding::same(), d, length[d]).before;
    if (same) output_padding[d] = std::max<std::int64_t>(window.stride - window.span(), 0);
    padding.push_back(same ? 0 : margins(window, layer.padding, d, extent).before);
  }

  const auto stride = each_dimension(layer.stride, kDimensions), dilation = each_dimension(layer.dilation, kDimensions);
  const at::Tensor bias = bias_of(layer.bias, a);
  at::Tensor y =
      kDimensions == 1
          ? at::conv_transpose1d(a.x(), a.parameters[0], bias, stride, padding, output_padding, layer.groups, dilation)
          : at::conv_transpose2d(a.x(), a.parameters[0], bias, stride, padding, output_padding, layer.groups, dilation);
  if (same) {
    for (std::size_t d = 0; d < kDimensions; ++d) {
      y = y.narrow(static_cast<std::int64_t>(d) + 2, begin[d], length[d]);
    }
  }
  return activate(y, layer.activation);
}

}  // namespace

at::Tensor forward(const Conv1d& layer, const ForwardArguments& a) {
  return convolve(layer, a);
}
at::Tensor forward(const Conv2d& layer, const ForwardArguments& a) {
  return convolve(layer, a);
}
at::Tensor forward(const DepthwiseConv1d& layer, const ForwardArguments& a) {
  return convolve(layer.grouped(a.x().size(1)), a);
}
at::Tensor forward(const DepthwiseConv2d& layer, const ForwardArguments& a) {
  return convolve(layer.grouped(a.x().size(1)), a);
}
at::Tensor forward(const ConvTranspose1d& layer, const ForwardArguments& a) {
  return convolve_transposed(layer, a);
}
at::Tensor forward(const ConvTranspose2d& layer, const ForwardArguments& a) {
  return convolve_transposed(layer, a);
}

}  // namespace ludus::nn::layers
