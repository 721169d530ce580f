#include "nn/layers/pooling.h"

#include "base/format.h"
#include "nn/layers/shape_parts.h"

namespace ludus::nn::layers {
namespace {

template <class Pool>
void check_pool(const Pool& pool, std::size_t dimensions) {
  check_dimensions("kernel_size", pool.kernel_size, dimensions, 1);
  if (pool.stride) check_dimensions("stride", *pool.stride, dimensions, 1);
  check_padding(pool.padding, dimensions);
  if (pool.padding.kind != Padding::Kind::kExplicit) return;
  for (std::size_t d = 0; d < dimensions; ++d) {
    check_range("padding of a pooling window", at_dimension(pool.padding.sizes, d), 0,
                at_dimension(pool.kernel_size, d) / 2);
  }
}

template <class Pool>
Shape pooled(const Pool& pool, std::size_t dimensions, Shapes inputs) {
  const Shape& input = single(inputs);
  if (input.rank() != dimensions + 1) throw_input_shape(kChannelsFirst[dimensions - 1], input);
  return windowed_shape(
      input, input[0], dimensions, pool.padding, [&](std::size_t d) { return pool.window(d); }, pool.ceil_mode);
}

std::int64_t stride_at(const std::optional<std::vector<std::int64_t>>& stride,
                       const std::vector<std::int64_t>& kernel_size, std::size_t d) {
  return at_dimension(stride ? *stride : kernel_size, d);
}

Shape globally_pooled(Shapes inputs, bool keep_dimensions) {
  const Shape& input = single(inputs);
  if (input.rank() < 2) throw_input_shape("(channels, positions …)", input);
  std::vector<std::int64_t> extents(keep_dimensions ? input.rank() : 1, 1);
  extents[0] = input[0];
  return make_shape(extents);
}

}  // namespace

template <std::size_t kDimensions>
void MaxPool<kDimensions>::check() const {
  check_pool(*this, kDimensions);
  check_dimensions("dilation", dilation, kDimensions, 1);
}

template <std::size_t kDimensions>
Window MaxPool<kDimensions>::window(std::size_t d) const {
  return {.kernel = at_dimension(kernel_size, d),
          .stride = stride_at(stride, kernel_size, d),
          .dilation = at_dimension(dilation, d)};
}

template <std::size_t kDimensions>
Shape MaxPool<kDimensions>::output_shape(Shapes inputs) const {
  return pooled(*this, kDimensions, inputs);
}

template <std::size_t kDimensions>
void AveragePool<kDimensions>::check() const {
  check_pool(*this, kDimensions);
}

template <std::size_t kDimensions>
Window AveragePool<kDimensions>::window(std::size_t d) const {
  return {.kernel = at_dimension(kernel_size, d), .stride = stride_at(stride, kernel_size, d)};
}

template <std::size_t kDimensions>
Shape AveragePool<kDimensions>::output_shape(Shapes inputs) const {
  return pooled(*this, kDimensions, inputs);
}

template struct MaxPool<1>;
template struct MaxPool<2>;
template struct AveragePool<1>;
template struct AveragePool<2>;

Shape GlobalMaxPool::output_shape(Shapes inputs) const {
  return globally_pooled(inputs, keep_dimensions);
}

Shape GlobalAveragePool::output_shape(Shapes inputs) const {
  return globally_pooled(inputs, keep_dimensions);
}

void Upsample::check() const {
  check_dimensions("scale", scale, scale.size() == 2 ? 2 : 1, 1);
  if (mode != "nearest" && mode != "linear") {
    throw InvalidArgument(formatted("mode must be \"nearest\" or \"linear\", got \"{}\"", mode));
  }
}

Shape Upsample::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  const bool fits = scale.size() == 2 ? input.rank() == 3 : input.rank() == 2 || input.rank() == 3;
  if (!fits)
    throw_input_shape(scale.size() == 2 ? kChannelsFirst[1] : "(channels, length) or (channels, height, width)", input);
  std::vector<std::int64_t> extents(input.begin(), input.end());
  for (std::size_t d = 0; d + 1 < input.rank(); ++d) extents[d + 1] *= at_dimension(scale, d);
  return make_shape(extents);
}

}  // namespace ludus::nn::layers
