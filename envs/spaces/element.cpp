#include "envs/spaces/element.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "base/format.h"
#include "base/value_io.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"

namespace ludus::envs {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

bool is_signed(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kInt16 || dtype == DType::kInt32 || dtype == DType::kInt64;
}

// Fills `out` with the leaves of nested lists. Integers are not converted to double and keep all bits.
void copy_integers(const Value& tree, Array& out, std::size_t& next) {
  if (tree.is_list()) {
    for (const Value& branch : tree.as_list()) copy_integers(branch, out, next);
    return;
  }
  dispatch(out.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_floating_point_v<T>) {
      T& element = out.data<T>()[next++];
      if (tree.is_int() && size_of(out.dtype()) == 8 && (std::is_signed_v<T> || tree.as_int() >= 0)) {
        element = static_cast<T>(tree.as_int());
        return;
      }
      if constexpr (std::is_same_v<T, std::uint64_t>) {
        // the JSON parser returns integers from 2^63 on as doubles, and rounds the largest up to 2^64
        if (tree.is_double() && tree.as_double() == 2 * kTwoTo63) {
          element = std::numeric_limits<T>::max();
          return;
        }
      }
      const double number[] = {tree.is_bool() ? static_cast<double>(tree.as_bool()) : tree.as_double()};
      element = array_from_numbers(number, Shape{}, out.dtype()).data<T>()[0];
    }
  });
}

}  // namespace

bool can_cast(DType from, DType to) {
  if (from == to || from == DType::kBool) return true;
  if (to == DType::kBool) return false;
  if (is_floating(from)) return is_floating(to) && size_of(from) <= size_of(to);
  // float32 represents integers of up to 16 bits; NumPy treats every integer as safe in float64
  if (is_floating(to)) return to == DType::kFloat64 || size_of(from) <= 2;
  if (is_signed(from)) return is_signed(to) && size_of(from) <= size_of(to);
  return is_signed(to) ? size_of(from) < size_of(to) : size_of(from) <= size_of(to);
}

FloatBounds float_bounds(const Box& box) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  FloatBounds bounds;
  for (std::size_t i = 0; i < box.low().size(); ++i) {
    const double low = box.low().get(i), high = box.high().get(i);
    auto float_low = static_cast<float>(low), float_high = static_cast<float>(high);
    if (static_cast<double>(float_low) < low) float_low = std::nextafter(float_low, kInfinity);
    if (static_cast<double>(float_high) > high) float_high = std::nextafter(float_high, -kInfinity);
    if (!(float_low <= float_high)) {
      throw InvalidArgument(formatted(
          "{}: must hold a float32 in every element, because vector environments take rows of float32, and element {} "
          "from {} to {} holds none; widen its bounds or use the dtype float32",
          box.to_string(), i, low, high));
    }
    bounds.low.push_back(float_low);
    bounds.high.push_back(float_high);
  }
  return bounds;
}

std::int64_t smallest_integer(DType dtype) {
  return dispatch(dtype, [](auto zero) -> std::int64_t {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>)
      return std::numeric_limits<std::int64_t>::min();
    else
      return static_cast<std::int64_t>(std::numeric_limits<T>::min());
  });
}

std::int64_t largest_integer(DType dtype) {
  return dispatch(dtype, [](auto zero) -> std::int64_t {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, std::uint64_t>)
      return std::numeric_limits<std::int64_t>::max();
    else
      return static_cast<std::int64_t>(std::numeric_limits<T>::max());
  });
}

std::optional<std::int64_t> integer_of(const Value& value) {
  if (value.is_int()) return value.as_int();
  if (!value.is_array()) return {};
  const Array& array = value.as_array();
  if (array.shape().rank() != 0 || is_floating(array.dtype()) || array.dtype() == DType::kBool) return {};
  return dispatch(array.dtype(), [&](auto zero) -> std::optional<std::int64_t> {
    using T = decltype(zero);
    const T number = array.data<T>()[0];
    if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    }
    return static_cast<std::int64_t>(number);
  });
}

std::int64_t whole(double number, const char* subject) {
  if (std::nearbyint(number) == number && number >= -kTwoTo63 && number < kTwoTo63) {
    return static_cast<std::int64_t>(number);
  }
  throw InvalidArgument(formatted("{} must be an integer, got {}", subject, number));
}

void assign_numbers(std::span<const double> numbers, Array& array) {
  const DType dtype = array.dtype();
  check_length(numbers.size(), array.size());
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto out = array.data<T>();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if constexpr (!std::is_floating_point_v<T>) {
        // outside these bounds the conversion is undefined; 2^63 and 2^64 are exact as doubles, max() would be rounded
        // up
        const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
        if (!(numbers[i] > static_cast<double>(std::numeric_limits<T>::min()) - 1.0 && numbers[i] < limit)) {
          throw InvalidArgument(formatted("numbers of this space must fit {}, got {}", name_of(dtype), numbers[i]));
        }
      }
      out[i] = static_cast<T>(numbers[i]);
    }
  });
}

Array array_from_numbers(std::span<const double> numbers, const Shape& shape, DType dtype) {
  Array array(dtype, shape);
  assign_numbers(numbers, array);
  return array;
}

void check_length(std::size_t size, std::size_t expected_size) {
  if (size == expected_size) return;
  throw InvalidArgument(formatted("a flat element of this space must have {} numbers, got {}", expected_size, size));
}

std::int64_t integer_at(const Array& array, std::size_t i) {
  return dispatch(array.dtype(), [&](auto zero) { return static_cast<std::int64_t>(array.data<decltype(zero)>()[i]); });
}

DType result_type(DType a, DType b) {
  if (can_cast(a, b)) return b;
  if (can_cast(b, a)) return a;
  if (is_floating(a) || is_floating(b)) return DType::kFloat64;
  // a signed type and an unsigned type of at least its size: the next larger signed type, if there is one
  switch (std::max(size_of(a), size_of(b))) {
    case 1: return DType::kInt16;
    case 2: return DType::kInt32;
    case 4: return DType::kInt64;
    default: return DType::kFloat64;
  }
}

std::optional<ElementForm> array_form(const Space& space) {
  if (const auto* box = dynamic_cast<const Box*>(&space)) return ElementForm{box->shape(), box->dtype()};
  if (const auto* discrete = dynamic_cast<const Discrete*>(&space)) return ElementForm{Shape{}, discrete->dtype()};
  if (const auto* multi = dynamic_cast<const MultiDiscrete*>(&space))
    return ElementForm{multi->shape(), multi->dtype()};
  if (const auto* bits = dynamic_cast<const MultiBinary*>(&space)) return ElementForm{bits->shape(), DType::kInt8};
  return {};
}

std::uint64_t checked_seed(const Value& value) {
  const auto integer = integer_of(value);
  if (integer && *integer >= 0) return static_cast<std::uint64_t>(*integer);
  throw InvalidArgument(formatted("the seed of a space must be a non-negative integer, got {}", value.describe()));
}

std::span<const std::int8_t> checked_mask(const Value& mask, std::int64_t n) {
  if (!mask.is_array() || mask.as_array().dtype() != DType::kInt8 || mask.as_array().shape() != Shape{n}) {
    throw InvalidArgument(formatted("a mask must be an int8 array of shape ({},), got {}", n, mask.describe()));
  }
  const auto bits = mask.as_array().data<std::int8_t>();
  const auto other = std::ranges::find_if(bits, [](std::int8_t bit) { return bit != 0 && bit != 1; });
  if (other != bits.end()) {
    throw InvalidArgument(formatted("the elements of a mask must be 0 or 1, got {}", int{*other}));
  }
  return bits;
}

std::optional<std::int64_t> masked_index(Generator& generator, const Value& mask, std::int64_t n) {
  std::vector<std::int64_t> allowed;
  const auto bits = checked_mask(mask, n);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == 1) allowed.push_back(static_cast<std::int64_t>(i));
  }
  if (allowed.empty()) return {};
  return allowed[static_cast<std::size_t>(generator.choice(static_cast<std::int64_t>(allowed.size())))];
}

std::span<const double> checked_probability(const Value& probability, std::int64_t n) {
  if (!probability.is_array() || probability.as_array().dtype() != DType::kFloat64 ||
      probability.as_array().shape() != Shape{n}) {
    throw InvalidArgument(
        formatted("probabilities must be a float64 array of shape ({},), got {}", n, probability.describe()));
  }
  const auto numbers = probability.as_array().data<double>();
  for (const double p : numbers) {
    if (!(p >= 0 && p <= 1)) {
      throw InvalidArgument(formatted("probabilities must lie in [0, 1], got {}", p));
    }
  }
  const double sum = numpy_sum(numbers);
  if (std::abs(sum - 1) > 1e-5) {
    throw InvalidArgument(formatted("probabilities must sum to 1, got a sum of {}", sum));
  }
  return numbers;
}

const Value& spec_field(const Dict& spec, const char* name) {
  if (const Value* value = spec.find(name)) return *value;
  const Value* type = spec.find("type");
  throw InvalidArgument(formatted("the description of a {}space must have the field \"{}\"",
                                  type && type->is_string() ? type->as_string() + " " : "", name));
}

std::int64_t spec_integer(const Dict& spec, const char* name, std::optional<std::int64_t> fallback) {
  if (fallback && !spec.contains(name)) return *fallback;
  const Value& value = spec_field(spec, name);
  if (const auto integer = integer_of(value)) return *integer;
  throw InvalidArgument(
      formatted("the field \"{}\" of a space's description must be an integer, got {}", name, value.describe()));
}

DType spec_dtype(const Dict& spec, std::optional<DType> fallback) {
  if (fallback && !spec.contains("dtype")) return *fallback;
  const Value& value = spec_field(spec, "dtype");
  if (value.is_string()) return dtype_of(value.as_string());
  throw InvalidArgument(
      formatted("the field \"dtype\" of a space's description must be a string, got {}", value.describe()));
}

Shape spec_shape(const Dict& spec) {
  const Value& value = spec_field(spec, "shape");
  constexpr double kMostElements = 1e12;
  std::vector<std::int64_t> extents;
  double elements = 1;
  if (value.is_list()) {
    for (const Value& extent : value.as_list()) {
      const auto integer = integer_of(extent);
      if (!integer)
        throw InvalidArgument(
            formatted("the field \"shape\" of a space's description must hold integers, got {}", extent.describe()));
      extents.push_back(*integer);
      elements *= static_cast<double>(*integer);
    }
    if (!(elements >= 0 && elements <= kMostElements)) {
      throw InvalidArgument(
          formatted("the shape of a space must have at most {:.0e} elements, got {:.0e}", kMostElements, elements));
    }
    return Shape(std::span<const std::int64_t>(extents));
  }
  throw InvalidArgument(
      formatted("the field \"shape\" of a space's description must be a list of integers, got {}", value.describe()));
}

Array spec_array(const Dict& spec, const char* name, DType dtype) {
  const Value& value = spec_field(spec, name);
  if (value.is_array() && value.as_array().dtype() == dtype) return value.as_array();
  try {
    const Array numbers = to_array(value, DType::kFloat64);
    if (is_floating(dtype) || value.is_array()) {
      return array_from_numbers(numbers.data<double>(), numbers.shape(), dtype);
    }
    Array integers(dtype, numbers.shape());
    std::size_t next = 0;
    copy_integers(value, integers, next);
    return integers;
  } catch (const TypeMismatch&) {
    throw InvalidArgument(formatted(
        "the field \"{}\" of a space's description must be a nested list of numbers, got {}", name, value.describe()));
  }
}

List shape_list(const Shape& shape) {
  return List(shape.begin(), shape.end());
}

SpacePtr spec_space(const Value& spec) {
  if (spec.is_dict()) return space_from_spec(spec.as_dict());
  throw InvalidArgument(formatted("the description of a space must be a dictionary, got {}", spec.describe()));
}

std::vector<SpacePtr> spec_spaces(const Dict& spec) {
  const Value& field = spec_field(spec, "spaces");
  if (!field.is_list()) {
    throw InvalidArgument(
        formatted("the field \"spaces\" of a space's description must be a list, got {}", field.describe()));
  }
  std::vector<SpacePtr> spaces;
  for (const Value& part : field.as_list()) spaces.push_back(spec_space(part));
  return spaces;
}

}  // namespace ludus::envs
