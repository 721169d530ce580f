// Operators of ONNX over constants, for parts of a graph that can be computed when it is imported. This header does not
// include torch.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/array.h"

namespace ludus::nn {

/// Elements of a shape that only the data determine: the number of examples, and a free extent. They stand in constants
/// that the operator Shape gives.
inline constexpr std::int64_t kBatchExtent = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kFreeExtent = kBatchExtent + 1;

/// The bytes that constants may take. A small file could otherwise name constants of any size.
class ConstantBudget {
 public:
  explicit ConstantBudget(std::uint64_t bytes) : left_(bytes) {}
  /// Throws InvalidArgument if the elements of `shape` do not fit any more.
  void spend(const Shape& shape, std::size_t element_bytes);

 private:
  std::uint64_t left_;
};

/// Returns the elements of an array of integers. Throws InvalidArgument for floating-point numbers.
std::vector<std::int64_t> integers_of(const Array& array);

/// The axes in the order `axes`, each once. Throws InvalidArgument for any other list.
Array transposed(const Array& array, std::span<const std::int64_t> axes, ConstantBudget& budget);

/// Arrays of one type, one after the other along an axis. Throws InvalidArgument if they do not fit.
Array concatenated(std::span<const Array* const> arrays, std::int64_t axis, ConstantBudget& budget);

/// Elements of a one-dimensional array; indices count from the end if negative. Throws InvalidArgument for indices
/// outside.
Array gathered(const Array& array, const Array& indices, ConstantBudget& budget);

/// a OP b with NumPy's broadcasting, for '+', '-', '*' and '/' over float32, float64 and int64. Throws InvalidArgument
/// for other types, shapes that do not fit, division of integers by 0, and free extents.
Array combined(char op, const Array& a, const Array& b, ConstantBudget& budget);

/// Returns an array of the same number of elements with the extents of a Reshape: 0 copies the extent of `array`, and
/// one may be -1. Throws InvalidArgument if they do not fit.
Array reshaped_as(const Array& array, std::span<const std::int64_t> extents, ConstantBudget& budget);

}  // namespace ludus::nn
