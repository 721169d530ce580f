#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/numpy_text.h"
#include "envs/spaces/space.h"

namespace ludus::envs {
namespace {

bool is_signed_integer(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kInt16 || dtype == DType::kInt32 || dtype == DType::kInt64;
}

// Returns an array filled with `bound`. An infinite bound of a signed integer type becomes the extreme value of the
// type.
Array filled(double bound, const Shape& shape, DType dtype) {
  Array array(dtype, shape);
  if (std::isinf(bound) && is_signed_integer(dtype)) {
    dispatch(dtype, [&](auto zero) {
      using T = decltype(zero);
      std::ranges::fill(array.data<T>(), bound < 0 ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max());
    });
    return array;
  }
  if (!is_floating(dtype) && !(std::nearbyint(bound) == bound && std::isfinite(bound))) {
    throw InvalidArgument("a bound of a box of dtype " + std::string(name_of(dtype)) +
                          " is a whole number that this type holds, not " + std::to_string(bound));
  }
  if (dtype == DType::kFloat32 && std::isfinite(bound) &&
      std::abs(bound) > static_cast<double>(std::numeric_limits<float>::max())) {
    throw InvalidArgument("the bound " + std::to_string(bound) + " lies outside what float32 holds; use an infinity");
  }
  const double number[] = {bound};
  const Array one = array_from_numbers(number, Shape{}, dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::ranges::fill(array.data<T>(), one.data<T>()[0]);
  });
  return array;
}

// Throws InvalidArgument for a low of +infinity or a high of -infinity: no number lies beyond it.
void check_open_ends(double low, double high, const std::string& element) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (low == kInfinity) {
    throw InvalidArgument(formatted("a Box: low must be below infinity, got inf{}", element));
  }
  if (high == -kInfinity) {
    throw InvalidArgument(formatted("a Box: high must be above -infinity, got -inf{}", element));
  }
}

// Returns whether every integer up to `bound` in magnitude is exact as a double.
bool exact_in_double(double bound) {
  return std::abs(bound) < 0x1p53;
}

// Samples element i of an integer box whose bounds a double cannot hold exactly. Gymnasium computes with doubles here
// and returns few of the values.
template <class T>
T sample_wide_integer(Generator& random, T low, T high, bool bounded_below, bool bounded_above) {
  const auto offset = [](double distance) { return static_cast<std::uint64_t>(std::floor(distance)); };
  const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  std::uint64_t above_low = 0;
  if (bounded_below && bounded_above) {
    above_low = random.integers_uint64(0, width, Shape{}).template data<std::uint64_t>()[0];
  } else if (bounded_below) {
    above_low = std::min(offset(random.standard_exponential()), width);
  } else {
    above_low = width - std::min(offset(random.standard_exponential()), width);
  }
  return static_cast<T>(static_cast<std::uint64_t>(low) + above_low);
}

// Returns whether every element of `value` (dtype T) is within the bounds (dtype B).
template <class T, class B>
bool lies_within(std::span<const T> value, std::span<const B> low, std::span<const B> high) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    // T can be cast to B without loss; NaN fails both comparisons
    const B x = static_cast<B>(value[i]);
    if (!(x >= low[i] && x <= high[i])) return false;
  }
  return true;
}

std::string bound_text(const Array& bound) {
  if (bound.size() > 0) {
    const bool uniform = dispatch(bound.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const auto numbers = bound.data<T>();
      return std::ranges::all_of(numbers, [&](T x) { return x == numbers[0]; });
    });
    if (uniform) return numpy_scalar_text(bound, 0);
  }
  return numpy_text(bound);
}

}  // namespace

Box::Box(Array low, Array high) : low_(std::move(low)), high_(std::move(high)) {
  if (low_.dtype() != high_.dtype() || low_.shape() != high_.shape()) {
    throw InvalidArgument("the bounds of a Box are of one dtype and shape, and here low is " + Value(low_).describe() +
                          " and high " + Value(high_).describe());
  }
  dispatch(low_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto lows = low_.data<T>();
    const auto highs = high_.data<T>();
    for (std::size_t i = 0; i < lows.size(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        check_open_ends(lows[i], highs[i], formatted(" at element {}", i));
      }
      if (lows[i] <= highs[i]) continue;  // also false for NaN
      throw InvalidArgument("every low of a Box is at most its high, and at element " + std::to_string(i) + " low is " +
                            numpy_scalar_text(low_, i) + " and high " + numpy_scalar_text(high_, i));
    }
  });
}

Box::Box(double low, double high, Shape shape, DType dtype)
    : Box((check_open_ends(low, high, ""), filled(low, shape, dtype)), filled(high, shape, dtype)) {
  infinite_low_ = !is_floating(dtype) && std::isinf(low);
  infinite_high_ = !is_floating(dtype) && std::isinf(high);
}

bool Box::bounded_below(std::size_t i) const {
  return !infinite_low_ && low_.get(i) != -std::numeric_limits<double>::infinity();
}

bool Box::bounded_above(std::size_t i) const {
  return !infinite_high_ && high_.get(i) != std::numeric_limits<double>::infinity();
}

bool Box::is_bounded() const {
  for (std::size_t i = 0; i < low_.size(); ++i) {
    if (!bounded_below(i) || !bounded_above(i)) return false;
  }
  return true;
}

SpacePtr Box::clone() const {
  return std::make_unique<Box>(*this);
}

bool Box::contains(const Value& value) const {
  if (!value.is_array()) return false;
  const Array& array = value.as_array();
  if (!can_cast(array.dtype(), dtype()) || !(array.shape() == shape())) return false;
  return dispatch(array.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if (array.dtype() == dtype()) return lies_within(array.data<T>(), low_.data<T>(), high_.data<T>());
    return dispatch(dtype(), [&](auto bound_zero) {
      using B = decltype(bound_zero);
      return lies_within(array.data<T>(), low_.data<B>(), high_.data<B>());
    });
  });
}

Value Box::sample_from(const Value* mask, const Value* probability) {
  if (mask || probability) {
    throw InvalidArgument("a Box takes neither a mask nor probabilities: sample it without");
  }
  Generator& random = generator();
  const bool integral = !is_floating(dtype());
  const std::size_t count = low_.size();
  Array drawn(DType::kFloat64, shape());
  const auto x = drawn.data<double>();

  // integer boxes sample from [low, high + 1) and round down
  const double beyond = integral ? 1.0 : 0.0;

  Array sample(dtype(), shape());
  const auto is_wide = [&](std::size_t i) {
    return integral && ((bounded_below(i) && !exact_in_double(low_.get(i))) ||
                        (bounded_above(i) && !exact_in_double(high_.get(i))));
  };
  const auto sample_wide = [&](std::size_t i) {
    dispatch(dtype(), [&](auto zero) {
      using T = decltype(zero);
      if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
        sample.data<T>()[i] =
            sample_wide_integer(random, low_.data<T>()[i], high_.data<T>()[i], bounded_below(i), bounded_above(i));
      }
    });
  };
  const auto uniform = [&](double low, double high) {
    if (std::isfinite(high - low)) return random.uniform(low, high);
    const double fraction = random.random();
    return (1 - fraction) * low + fraction * high;
  };

  // Gymnasium samples category by category, not element by element
  for (std::size_t i = 0; i < count; ++i) {
    if (!bounded_below(i) && !bounded_above(i)) x[i] = random.standard_normal();
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!bounded_below(i) || bounded_above(i)) continue;
    is_wide(i) ? sample_wide(i) : void(x[i] = random.standard_exponential() + low_.get(i));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (bounded_below(i) || !bounded_above(i)) continue;
    is_wide(i) ? sample_wide(i) : void(x[i] = -random.standard_exponential() + (high_.get(i) + beyond));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!bounded_below(i) || !bounded_above(i)) continue;
    is_wide(i) ? sample_wide(i) : void(x[i] = uniform(low_.get(i), high_.get(i) + beyond));
  }

  dispatch(dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto out = sample.data<T>();
    for (std::size_t i = 0; i < count; ++i) {
      const T low = low_.data<T>()[i];
      const T high = high_.data<T>()[i];
      if constexpr (std::is_floating_point_v<T>) {
        // rounding must not move a sample beyond a bound
        out[i] = std::clamp(static_cast<T>(x[i]), low, high);
      } else {
        if (is_wide(i)) continue;
        // unlike Gymnasium's, samples of signed types reach the extreme values of the type; those of an element without
        // bounds are clamped to it
        const double floored = std::floor(x[i]);
        // a double near the end of a 64-bit type may be outside it
        if (floored <= static_cast<double>(low)) {
          out[i] = low;
        } else if (floored >= static_cast<double>(high)) {
          out[i] = high;
        } else {
          out[i] = static_cast<T>(floored);
        }
      }
    }
  });
  return sample;
}

Dict Box::to_spec() const {
  // an infinite bound of an integer box is written as infinity
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {{"type", kind()},
          {"low", infinite_low_ ? Value(-kInfinity) : Value(low_)},
          {"high", infinite_high_ ? Value(kInfinity) : Value(high_)},
          {"shape", shape_list(shape())},
          {"dtype", name_of(dtype())}};
}

SpacePtr Box::from_spec(const Dict& spec) {
  const DType dtype = spec_dtype(spec, DType::kFloat32);
  const Shape shape = spec_shape(spec);
  const Value& low_field = spec_field(spec, "low");
  const Value& high_field = spec_field(spec, "high");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // an infinite scalar, as a double or as JSON writes it; 0 for any other bound
  const auto infinity_of = [](const Value& value) {
    if (value == Value("inf")) return kInfinity;
    if (value == Value("-inf")) return -kInfinity;
    return value.is_double() && std::isinf(value.as_double()) ? value.as_double() : 0.0;
  };
  const double infinite_low = infinity_of(low_field), infinite_high = infinity_of(high_field);
  check_open_ends(infinite_low, infinite_high, "");
  const auto bound = [&](const char* name, const Value& value, double infinity) {
    if (infinity != 0) return filled(infinity, shape, dtype);
    if (value.is_number()) return filled(value.as_double(), shape, dtype);
    return spec_array(spec, name, dtype).reshaped(shape);
  };
  auto box = std::make_unique<Box>(bound("low", low_field, infinite_low), bound("high", high_field, infinite_high));
  box->infinite_low_ = !is_floating(dtype) && infinite_low != 0;
  box->infinite_high_ = !is_floating(dtype) && infinite_high != 0;
  return box;
}

std::string Box::to_string() const {
  return "Box(" + bound_text(low_) + ", " + bound_text(high_) + ", " + shape().to_string() + ", " +
         std::string(name_of(dtype())) + ")";
}

void Box::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  if (!value.is_array() || !(value.as_array().shape() == shape())) {
    throw InvalidArgument("an element of " + to_string() + " is an array of shape " + shape().to_string() + ", not " +
                          value.describe());
  }
  dispatch(value.as_array().dtype(), [&](auto zero) {
    using T = decltype(zero);
    std::ranges::transform(value.as_array().data<T>(), out.begin(), [](T x) { return static_cast<double>(x); });
  });
}

Value Box::unflatten(std::span<const double> flat) const {
  return array_from_numbers(flat, shape(), dtype());
}

void Box::from_row_into(std::span<const double> row, Value& out) const {
  if (!out.is_array() || out.as_array().dtype() != dtype() || !(out.as_array().shape() == shape())) {
    out = Array(dtype(), shape());
  }
  assign_numbers(row, out.as_array());
}

SpacePtr Box::flattened() const {
  const Shape flat{static_cast<std::int64_t>(flat_size())};
  return std::make_unique<Box>(low_.reshaped(flat), high_.reshaped(flat));
}

}  // namespace ludus::envs
