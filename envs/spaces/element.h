// What the spaces share in looking at elements, masks and specs.
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

// Whether every value of `from` is one of `to` (numpy.can_cast, casting "safe").
bool can_cast(DType from, DType to);

// The smallest and largest integer of an integer dtype or bool, as far as int64 reaches.
std::int64_t smallest_integer(DType dtype);
std::int64_t largest_integer(DType dtype);

// The integer that `value` is: an int64, or an integer array of rank 0.
std::optional<std::int64_t> integer_of(const Value& value);

// `number` as an integer; throws InvalidArgument, naming `what`, unless it is whole and fits int64.
std::int64_t whole(double number, const char* what);

// Copies `numbers` into the array, or a new one; throws InvalidArgument if an integer dtype cannot hold one of them.
void assign_numbers(std::span<const double> numbers, Array& array);
Array array_from_numbers(std::span<const double> numbers, const Shape& shape, DType dtype);

// Throws InvalidArgument unless `given` == `wanted`: the length of a flat vector or a row.
void check_length(std::size_t given, std::size_t wanted);

// Element i as an integer, whatever the integer dtype or bool.
std::int64_t integer_at(const Array& array, std::size_t i);

// The smallest dtype that holds all of both (numpy.result_type).
DType result_type(DType a, DType b);

// at(first) + … + at(first + n - 1), of type T, in NumPy's order of additions (pairwise, in eight strands), so that its
// last bit is NumPy's.
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

// Shape and dtype of the elements of a space whose elements are arrays (Discrete: of rank 0).
struct ElementForm {
  Shape shape;
  DType dtype;
};
// None for a space made of others, Text and Sequence.
std::optional<ElementForm> array_form(const Space& space);

// The seed that `value` is: an integer from 0 on; throws InvalidArgument.
std::uint64_t checked_seed(const Value& value);

// The bits of `mask` (n int8 of 0 and 1); throws InvalidArgument for another form.
std::span<const std::int8_t> checked_mask(const Value& mask, std::int64_t n);

// Draws an index in [0, n) among those where `mask` (n int8 of 0 and 1) is 1, uniformly; nothing, and no draw, if it
// is 0 everywhere. Throws InvalidArgument for a mask of another form.
std::optional<std::int64_t> masked_index(Generator& generator, const Value& mask, std::int64_t n);

// Checks `probability` (n float64 in [0, 1] that sum to 1) and gives its numbers; throws InvalidArgument.
std::span<const double> checked_probability(const Value& probability, std::int64_t n);

// Fields of a spec, from an Array or the nested lists that JSON makes of it. Each throws InvalidArgument if the field
// is missing (and has no fallback) or of another form.
const Value& spec_field(const Dict& spec, const char* name);
std::int64_t spec_integer(const Dict& spec, const char* name, std::optional<std::int64_t> fallback = {});
DType spec_dtype(const Dict& spec, std::optional<DType> fallback = {});
Shape spec_shape(const Dict& spec);
Array spec_array(const Dict& spec, const char* name, DType dtype);
List shape_list(const Shape& shape);
SpacePtr spec_space(const Value& spec);
std::vector<SpacePtr> spec_spaces(const Dict& spec);  // of the field "spaces"

}  // namespace ludus::envs
