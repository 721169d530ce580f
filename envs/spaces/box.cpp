#include <algorithm>
#include <cmath>
#include <limits>

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
      if (lows[i] <= highs[i]) continue;  // also false for NaN
      throw InvalidArgument("every low of a Box is at most its high, and at element " + std::to_string(i) + " low is " +
                            numpy_scalar_text(low_, i) + " and high " + numpy_scalar_text(high_, i));
    }
  });
}

Box::Box(double low, double high, Shape shape, DType dtype)
    : Box(filled(low, shape, dtype), filled(high, shape, dtype)) {
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

  // Gymnasium samples category by category, not element by element
  for (std::size_t i = 0; i < count; ++i) {
    if (!bounded_below(i) && !bounded_above(i)) x[i] = random.standard_normal();
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (bounded_below(i) && !bounded_above(i)) x[i] = random.standard_exponential() + low_.get(i);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!bounded_below(i) && bounded_above(i)) x[i] = -random.standard_exponential() + (high_.get(i) + beyond);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (bounded_below(i) && bounded_above(i)) x[i] = random.uniform(low_.get(i), high_.get(i) + beyond);
  }

  Array sample(dtype(), shape());
  dispatch(dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto out = sample.data<T>();
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        out[i] = static_cast<T>(x[i]);
      } else {
        // as in Gymnasium, samples of signed types stay two away from the extreme values
        double floored = std::floor(x[i]);
        if constexpr (std::is_signed_v<T>) {
          floored = std::clamp(floored, static_cast<double>(std::numeric_limits<T>::min()) + 2,
                               static_cast<double>(std::numeric_limits<T>::max()) - 2);
        }
        const T low = low_.data<T>()[i];
        const T high = high_.data<T>()[i];
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
  const auto infinite = [](const Value& value) {
    return value == Value("inf") || value == Value("-inf") || (value.is_double() && std::isinf(value.as_double()));
  };
  const auto bound = [&](const char* name, const Value& value) {
    if (value.is_number()) return filled(value.as_double(), shape, dtype);
    if (infinite(value)) return filled(value == Value("inf") ? INFINITY : -INFINITY, shape, dtype);
    return spec_array(spec, name, dtype).reshaped(shape);
  };
  auto box = std::make_unique<Box>(bound("low", low_field), bound("high", high_field));
  box->infinite_low_ = !is_floating(dtype) && infinite(low_field);
  box->infinite_high_ = !is_floating(dtype) && infinite(high_field);
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
