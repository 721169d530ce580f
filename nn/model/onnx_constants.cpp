#include "nn/model/onnx_constants.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/format.h"

namespace ludus::nn {
namespace {

Shape shape_of(const std::vector<std::int64_t>& extents) {
  if (extents.size() > Shape::kMaxRank) {
    throw InvalidArgument(
        formatted("a constant must have at most {} dimensions, got {}", Shape::kMaxRank, extents.size()));
  }
  return Shape(std::span<const std::int64_t>(extents));
}

// Distances between neighbours of each axis, in elements.
std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.rank(), 1);
  for (std::size_t d = shape.rank(); d-- > 1;) strides[d - 1] = strides[d] * static_cast<std::size_t>(shape[d]);
  return strides;
}

// Calls f(offset) for every element of `shape` in row-major order, the offset by `strides`.
template <class F>
void for_each_offset(const Shape& shape, const std::vector<std::size_t>& strides, F f) {
  std::vector<std::int64_t> index(shape.rank(), 0);
  const std::size_t count = shape.elements();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    f(offset);
    for (std::size_t d = shape.rank(); d-- > 0;) {
      offset += strides[d];
      if (++index[d] < shape[d]) break;
      offset -= strides[d] * static_cast<std::size_t>(shape[d]);
      index[d] = 0;
    }
  }
}

Shape broadcast_shape(const Shape& a, const Shape& b) {
  std::vector<std::int64_t> extents(std::max(a.rank(), b.rank()), 1);
  for (std::size_t d = 0; d < extents.size(); ++d) {
    const auto extent = [&](const Shape& s) { return d < s.rank() ? s[s.rank() - 1 - d] : 1; };
    const std::int64_t x = extent(a), y = extent(b);
    if (x != y && x != 1 && y != 1) {
      throw InvalidArgument(
          formatted("constants of shapes {} and {} cannot be broadcast to one shape", a.to_string(), b.to_string()));
    }
    extents[extents.size() - 1 - d] = x == 1 ? y : x;
  }
  return shape_of(extents);
}

// Strides of `shape` inside the broadcast shape: 0 along repeated axes.
std::vector<std::size_t> broadcast_strides(const Shape& shape, const Shape& whole) {
  const std::vector<std::size_t> dense = strides_of(shape);
  std::vector<std::size_t> strides(whole.rank(), 0);
  for (std::size_t d = 0; d < shape.rank(); ++d) {
    if (shape[d] != 1) strides[whole.rank() - shape.rank() + d] = dense[d];
  }
  return strides;
}

template <class T>
T computed(char op, T x, T y) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    if (x <= kFreeExtent || y <= kFreeExtent) {
      throw InvalidArgument("the number of examples and free extents cannot be computed with");
    }
    std::int64_t z = 0;
    const bool overflow = op == '+'   ? __builtin_add_overflow(x, y, &z)
                          : op == '-' ? __builtin_sub_overflow(x, y, &z)
                          : op == '*' ? __builtin_mul_overflow(x, y, &z)
                                      : false;
    if (overflow) throw InvalidArgument("a computed integer does not fit into 64 bits");
    if (op != '/') return z;
    if (y == 0) throw InvalidArgument("integers cannot be divided by 0");
    return x / y;
  } else {
    return op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
  }
}

}  // namespace

void ConstantBudget::spend(const Shape& shape, std::size_t element_bytes) {
  std::uint64_t bytes = element_bytes;
  for (const std::int64_t extent : shape) {
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 0));
    if (factor != 0 && bytes > left_ / factor) {
      throw InvalidArgument(formatted(
          "the constants and parameters must not be many times larger than those of the file; one of shape {} "
          "does not fit",
          shape.to_string()));
    }
    bytes *= factor;
  }
  if (bytes > left_)
    throw InvalidArgument("the constants and parameters must not be many times larger than those of the file");
  left_ -= bytes;
}

std::vector<std::int64_t> integers_of(const Array& array) {
  if (is_floating(array.dtype()))
    throw InvalidArgument(formatted("integers are needed, got {}", name_of(array.dtype())));
  std::vector<std::int64_t> integers;
  integers.reserve(array.size());
  dispatch(array.dtype(), [&](auto zero) {
    for (const auto number : array.data<decltype(zero)>()) integers.push_back(static_cast<std::int64_t>(number));
  });
  return integers;
}

Array transposed(const Array& array, std::span<const std::int64_t> axes, ConstantBudget& budget) {
  const Shape& shape = array.shape();
  std::vector<bool> seen(shape.rank(), false);
  bool valid = axes.size() == shape.rank();
  for (std::size_t d = 0; valid && d < axes.size(); ++d) {
    valid =
        axes[d] >= 0 && axes[d] < static_cast<std::int64_t>(shape.rank()) && !seen[static_cast<std::size_t>(axes[d])];
    if (valid) seen[static_cast<std::size_t>(axes[d])] = true;
  }
  if (!valid) throw InvalidArgument(formatted("perm must name each of the {} axes once", shape.rank()));
  const std::vector<std::size_t> source = strides_of(shape);
  std::vector<std::int64_t> extents;
  std::vector<std::size_t> strides;
  for (const std::int64_t axis : axes) {
    extents.push_back(shape[static_cast<std::size_t>(axis)]);
    strides.push_back(source[static_cast<std::size_t>(axis)]);
  }
  const Shape result_shape = shape_of(extents);
  const std::size_t size = size_of(array.dtype());
  budget.spend(result_shape, size);
  Array result(array.dtype(), result_shape);
  std::byte* out = result.bytes().data();
  for_each_offset(result_shape, strides, [&](std::size_t offset) {
    std::memcpy(out, array.bytes().data() + offset * size, size);
    out += size;
  });
  return result;
}

Array concatenated(std::span<const Array* const> arrays, std::int64_t axis, ConstantBudget& budget) {
  const Array& first = *arrays.front();
  const auto rank = static_cast<std::int64_t>(first.shape().rank());
  if (axis < -rank || axis >= rank)
    throw InvalidArgument(formatted("axis must be in [{}, {}], got {}", -rank, rank - 1, axis));
  const auto along = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
  std::vector<std::int64_t> extents(first.shape().begin(), first.shape().end());
  extents[along] = 0;
  for (const Array* array : arrays) {
    bool fits = array->dtype() == first.dtype() && array->shape().rank() == extents.size();
    for (std::size_t d = 0; fits && d < extents.size(); ++d) fits = d == along || array->shape()[d] == extents[d];
    if (!fits) throw InvalidArgument("concatenated constants must have one type and differ along the axis only");
    extents[along] += array->shape()[along];
  }
  const Shape shape = shape_of(extents);
  const std::size_t size = size_of(first.dtype());
  budget.spend(shape, size);
  Array result(first.dtype(), shape);
  std::size_t blocks = 1, inner = size;  // rows before the axis, bytes behind it
  for (std::size_t d = 0; d < along; ++d) blocks *= static_cast<std::size_t>(extents[d]);
  for (std::size_t d = along + 1; d < extents.size(); ++d) inner *= static_cast<std::size_t>(extents[d]);
  std::byte* out = result.bytes().data();
  for (std::size_t block = 0; block < blocks; ++block) {
    for (const Array* array : arrays) {
      const std::size_t bytes = static_cast<std::size_t>(array->shape()[along]) * inner;
      if (bytes > 0) std::memcpy(out, array->bytes().data() + block * bytes, bytes);
      out += bytes;
    }
  }
  return result;
}

Array gathered(const Array& array, const Array& indices, ConstantBudget& budget) {
  if (array.shape().rank() != 1 || is_floating(indices.dtype())) {
    throw InvalidArgument("only elements of one-dimensional constants are gathered, by integers");
  }
  const auto count = static_cast<std::int64_t>(array.size());
  const std::size_t size = size_of(array.dtype());
  budget.spend(indices.shape(), size);
  Array result(array.dtype(), indices.shape());
  const std::vector<std::int64_t> positions = integers_of(indices);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::int64_t index = positions[i];
    if (index < 0) index += count;
    if (index < 0 || index >= count)
      throw InvalidArgument(formatted("the indices must be below {}, got {}", count, index));
    std::memcpy(result.bytes().data() + i * size, array.bytes().data() + static_cast<std::size_t>(index) * size, size);
  }
  return result;
}

Array combined(char op, const Array& a, const Array& b, ConstantBudget& budget) {
  if (a.dtype() != b.dtype() ||
      (a.dtype() != DType::kFloat32 && a.dtype() != DType::kFloat64 && a.dtype() != DType::kInt64)) {
    throw InvalidArgument(formatted("constants must both be float32, float64 or int64, got {} and {}",
                                    name_of(a.dtype()), name_of(b.dtype())));
  }
  const Shape shape = broadcast_shape(a.shape(), b.shape());
  budget.spend(shape, size_of(a.dtype()));
  Array result(a.dtype(), shape);
  const auto compute = [&](auto zero) {
    using T = decltype(zero);
    const std::span<T> out = result.data<T>();
    std::size_t i = 0;
    for_each_offset(shape, broadcast_strides(a.shape(), shape),
                    [&](std::size_t offset) { out[i++] = a.data<T>()[offset]; });
    i = 0;
    for_each_offset(shape, broadcast_strides(b.shape(), shape), [&](std::size_t offset) {
      out[i] = computed(op, out[i], b.data<T>()[offset]);
      ++i;
    });
  };
  if (a.dtype() == DType::kFloat32) compute(float{});
  if (a.dtype() == DType::kFloat64) compute(double{});
  if (a.dtype() == DType::kInt64) compute(std::int64_t{});
  return result;
}

Array reshaped_as(const Array& array, std::span<const std::int64_t> extents, ConstantBudget& budget) {
  std::vector<std::int64_t> result(extents.begin(), extents.end());
  std::uint64_t known = 1;
  std::optional<std::size_t> rest;
  for (std::size_t d = 0; d < result.size(); ++d) {
    if (result[d] == 0 && d < array.shape().rank()) result[d] = array.shape()[d];
    if (result[d] == -1 && !rest) {
      rest = d;
      continue;
    }
    if (result[d] < 0) throw InvalidArgument("the extents of a constant must be 0 or more, or one of them -1");
    const auto factor = static_cast<std::uint64_t>(result[d]);
    known = factor != 0 && known > (std::uint64_t{1} << 40) / factor ? std::uint64_t{1} << 41 : known * factor;
  }
  if (rest) result[*rest] = known == 0 ? 0 : static_cast<std::int64_t>(array.size() / known);
  const Shape shape = shape_of(result);
  const std::uint64_t elements = rest ? known * static_cast<std::uint64_t>(result[*rest]) : known;
  if (elements != array.size()) {
    throw InvalidArgument(
        formatted("a constant of {} elements does not have the shape {}", array.size(), shape.to_string()));
  }
  budget.spend(shape, size_of(array.dtype()));
  return array.reshaped(shape);
}

}  // namespace ludus::nn
