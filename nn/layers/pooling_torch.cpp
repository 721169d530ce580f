#include <ATen/ATen.h>

#include <limits>

#include "nn/layers/forward.h"
#include "nn/layers/pooling.h"

namespace ludus::nn::layers {
namespace {

// The settings of a pooling operator, and the input with the padding that the operator cannot do itself.
template <std::size_t kDimensions>
struct PoolArguments {
  at::Tensor x;
  std::vector<std::int64_t> kernel, stride, padding, same_padding;

  template <class Pool>
  PoolArguments(const Pool& pool, const ForwardArguments& a) : x(a.x()) {
    for (std::size_t d = 0; d < kDimensions; ++d) {
      const Window window = pool.window(d);
      const Margins margin = margins(window, pool.padding, d, x.size(static_cast<std::int64_t>(d) + 2));
      const bool same = pool.padding.kind == Padding::Kind::kSame;
      kernel.push_back(window.kernel);
      stride.push_back(window.stride);
      padding.push_back(same ? 0 : margin.before);
      if (same) same_padding.insert(same_padding.begin(), {margin.before, margin.after});
    }
  }
};

template <std::size_t kDimensions>
at::Tensor max_pool(const MaxPool<kDimensions>& layer, const ForwardArguments& a) {
  PoolArguments<kDimensions> p(layer, a);
  if (!p.same_padding.empty()) {
    p.x = at::constant_pad_nd(p.x, p.same_padding, -std::numeric_limits<double>::infinity());
  }
  const std::vector<std::int64_t> dilation =
      layer.dilation.size() == 1 ? std::vector<std::int64_t>(kDimensions, layer.dilation[0]) : layer.dilation;
  return kDimensions == 1 ? at::max_pool1d(p.x, p.kernel, p.stride, p.padding, dilation, layer.ceil_mode)
                          : at::max_pool2d(p.x, p.kernel, p.stride, p.padding, dilation, layer.ceil_mode);
}

template <std::size_t kDimensions>
at::Tensor average_pool(const AveragePool<kDimensions>& layer, const ForwardArguments& a) {
  const PoolArguments<kDimensions> p(layer, a);
  const auto pool = [&](const at::Tensor& x) {
    return kDimensions == 1
               ? at::avg_pool1d(x, p.kernel, p.stride, p.padding, layer.ceil_mode, layer.count_include_pad)
               : at::avg_pool2d(x, p.kernel, p.stride, p.padding, layer.ceil_mode, layer.count_include_pad);
  };
  if (p.same_padding.empty()) return pool(p.x);

  // the mean over padded zeros, divided by the share of positions that lie inside the input
  std::vector<std::int64_t> sizes = p.x.sizes().vec();
  sizes[0] = sizes[1] = 1;
  const at::Tensor inside =
      pool(at::constant_pad_nd(at::ones(sizes, p.x.options().requires_grad(false)), p.same_padding));
  return pool(at::constant_pad_nd(p.x, p.same_padding)) / inside;
}

std::vector<std::int64_t> positions(const at::Tensor& x) {
  std::vector<std::int64_t> dimensions;
  for (std::int64_t d = 2; d < x.dim(); ++d) dimensions.push_back(d);
  return dimensions;
}

}  // namespace

at::Tensor forward(const MaxPool1d& layer, const ForwardArguments& a) {
  return max_pool(layer, a);
}
at::Tensor forward(const MaxPool2d& layer, const ForwardArguments& a) {
  return max_pool(layer, a);
}
at::Tensor forward(const AveragePool1d& layer, const ForwardArguments& a) {
  return average_pool(layer, a);
}
at::Tensor forward(const AveragePool2d& layer, const ForwardArguments& a) {
  return average_pool(layer, a);
}

at::Tensor forward(const GlobalMaxPool& layer, const ForwardArguments& a) {
  const at::Tensor& x = a.x();
  // the gradient goes to one of equal maxima, as in max pooling
  at::Tensor y = std::get<0>(x.flatten(2).max(2));
  for (std::int64_t d = 2; layer.keep_dimensions && d < x.dim(); ++d) y = y.unsqueeze(d);
  return y;
}

at::Tensor forward(const GlobalAveragePool& layer, const ForwardArguments& a) {
  return a.x().mean(positions(a.x()), layer.keep_dimensions);
}

at::Tensor forward(const Upsample& layer, const ForwardArguments& a) {
  const at::Tensor& x = a.x();
  std::vector<std::int64_t> sizes;
  for (std::size_t d = 0; d + 2 < static_cast<std::size_t>(x.dim()); ++d) {
    sizes.push_back(x.size(static_cast<std::int64_t>(d) + 2) * at_dimension(layer.scale, d));
  }
  if (layer.mode == "nearest")
    return sizes.size() == 1 ? at::upsample_nearest1d(x, sizes) : at::upsample_nearest2d(x, sizes);
  return sizes.size() == 1 ? at::upsample_linear1d(x, sizes, false) : at::upsample_bilinear2d(x, sizes, false);
}

}  // namespace ludus::nn::layers
