// Helpers of the spaces for elements, masks and specs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/value.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// Returns whether every value of `from` can be represented in `to` (numpy.can_cast with casting="safe").
bool can_cast(DType from, DType to);

/// Bounds of the elements of a Box as floats that lie inside it: rows of a vector environment are float32.
struct FloatBounds {
  std::vector<float> low, high;
};
/// Rounds each bound of the box to the next float32 inside it, so that every float between the two is in the box.
/// Throws InvalidArgument if no float32 lies between the bounds of an element.
FloatBounds float_bounds(const Box& box);

/// Return the smallest and largest value of an integer dtype or bool, limited to the range of int64.
std::int64_t smallest_integer(DType dtype);
std::int64_t largest_integer(DType dtype);

/// Returns the integer in `value`, which may be an int64 or an integer array of rank 0; otherwise nullopt.
std::optional<std::int64_t> integer_of(const Value& value);

/// Returns `number` as an integer. Throws InvalidArgument, naming `subject`, unless it is integral and fits int64.
std::int64_t whole(double number, const char* subject);

/// Copy `numbers` into an existing or new array. Throw InvalidArgument if an integer dtype cannot hold one of them.
void assign_numbers(std::span<const double> numbers, Array& array);
Array array_from_numbers(std::span<const double> numbers, const Shape& shape, DType dtype);

/// Throws InvalidArgument unless the length of a flat vector or row is the expected one.
void check_length(std::size_t size, std::size_t expected_size);

/// Returns element i as an integer, for any integer dtype or bool.
std::int64_t integer_at(const Array& array, std::size_t i);

/// Returns the smallest dtype that can represent the values of both (numpy.result_type).
DType result_type(DType a, DType b);

/// Returns at(first) + … + at(first + n - 1) of type T, added in NumPy's order (pairwise, with eight accumulators) for
/// a bit-identical result.
template <class T, class At>
T numpy_sum(std::size_t first, std::size_t n, const At& at) {
  constexpr std::size_t kStrands = 8;
  constexpr std::size_t kBlock = 128;
  if (n < kStrands) {
    T sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += at(first + i);
    return sum;
  }
  if (n > kBlock) {
    std::size_t half = n / 2;
    half -= half % kStrands;
    return numpy_sum<T>(first, half, at) + numpy_sum<T>(first + half, n - half, at);
  }
  std::array<T, kStrands> r{};
  for (std::size_t k = 0; k < kStrands; ++k) r[k] = at(first + k);
  std::size_t i = kStrands;
  for (; i < n - n % kStrands; i += kStrands) {
    for (std::size_t k = 0; k < kStrands; ++k) r[k] += at(first + i + k);
  }
  T sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += at(first + i);
  return sum;
}
inline double numpy_sum(std::span<const double> numbers) {
  return numpy_sum<double>(0, numbers.size(), [&](std::size_t i) { return numbers[i]; });
}

/// Shape and dtype of the elements of an array space (Discrete: rank 0).
struct ElementForm {
  Shape shape;
  DType dtype;
};
/// Returns nullopt for composite spaces, Text and Sequence.
std::optional<ElementForm> array_form(const Space& space);

/// Returns `value` as a seed. Throws InvalidArgument unless it is a non-negative integer.
std::uint64_t checked_seed(const Value& value);

/// Returns the elements of `mask` (n int8 of 0 and 1). Throws InvalidArgument for another form.
std::span<const std::int8_t> checked_mask(const Value& mask, std::int64_t n);

/// Samples uniformly from the indices in [0, n) at which `mask` (n int8 of 0 and 1) is 1. If the mask is all 0, returns
/// nullopt without a draw. Throws InvalidArgument for a mask of another form.
std::optional<std::int64_t> masked_index(Generator& generator, const Value& mask, std::int64_t n);

/// Returns the elements of `probability`. Throws InvalidArgument unless it is n float64 in [0, 1] that sum to 1.
std::span<const double> checked_probability(const Value& probability, std::int64_t n);

/// Read a field of a spec, from an Array or from nested lists as parsed from JSON. Each throws InvalidArgument if the
/// field has another form, or is missing and has no fallback.
const Value& spec_field(const Dict& spec, const char* name);
std::int64_t spec_integer(const Dict& spec, const char* name, std::optional<std::int64_t> fallback = {});
DType spec_dtype(const Dict& spec, std::optional<DType> fallback = {});
Shape spec_shape(const Dict& spec);
Array spec_array(const Dict& spec, const char* name, DType dtype);
List shape_list(const Shape& shape);
SpacePtr spec_space(const Value& spec);
std::vector<SpacePtr> spec_spaces(const Dict& spec);  // from the field "spaces"

}  // namespace ludus::envs
