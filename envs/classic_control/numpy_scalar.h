/// @file
/// A number with NumPy's type promotion.
///
/// Under NumPy 2 (NEP 50) a Python number is weak: with a float32 it is rounded to float32 and so is the result, with
/// a float64 the result is a float64, and two Python numbers give a double. Environments with Gymnasium originals that
/// mix the three use this type, to round at the same places.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ludus::envs {

class NumpyScalar {
 public:
  enum class Kind : std::uint8_t { kPython, kFloat32, kFloat64 };  ///< by strength

  constexpr NumpyScalar(double python_number) : value_(python_number), kind_(Kind::kPython) {}
  static constexpr NumpyScalar float32(double value) {
    return {static_cast<double>(static_cast<float>(value)), Kind::kFloat32};
  }
  static constexpr NumpyScalar float64(double value) { return {value, Kind::kFloat64}; }
  static constexpr NumpyScalar of(float value) { return float32(static_cast<double>(value)); }
  static constexpr NumpyScalar of(double value) { return float64(value); }

  constexpr double value() const { return value_; }  // of a float32: exactly that number
  constexpr Kind kind() const { return kind_; }

  friend constexpr NumpyScalar operator+(NumpyScalar a, NumpyScalar b) {
    return both(a, b, [](auto x, auto y) { return x + y; });
  }
  friend constexpr NumpyScalar operator-(NumpyScalar a, NumpyScalar b) {
    return both(a, b, [](auto x, auto y) { return x - y; });
  }
  friend constexpr NumpyScalar operator*(NumpyScalar a, NumpyScalar b) {
    return both(a, b, [](auto x, auto y) { return x * y; });
  }
  friend constexpr bool operator<(NumpyScalar a, NumpyScalar b) {
    // in the common type too: the float32 nearest to 0.07 is not above the Python number 0.07
    return both(a, b, [](auto x, auto y) { return x < y ? decltype(x){1} : decltype(x){0}; }).value_ != 0;
  }
  friend constexpr bool operator>(NumpyScalar a, NumpyScalar b) { return b < a; }
  friend constexpr bool operator>=(NumpyScalar a, NumpyScalar b) { return !(a < b); }
  friend constexpr bool operator==(NumpyScalar a, NumpyScalar b) { return !(a < b) && !(b < a); }

 private:
  constexpr NumpyScalar(double value, Kind kind) : value_(value), kind_(kind) {}

  template <class Operation>
  static constexpr NumpyScalar both(NumpyScalar a, NumpyScalar b, Operation operation) {
    const Kind kind = std::max(a.kind_, b.kind_);
    if (kind != Kind::kFloat32) return {operation(a.value_, b.value_), kind};
    return float32(static_cast<double>(operation(static_cast<float>(a.value_), static_cast<float>(b.value_))));
  }

  double value_;
  Kind kind_;
};

/// x² as NumPy's `x ** 2` of a scalar computes it: the C library's pow, which can differ from x * x in the last bit.
double numpy_square(double x);
float numpy_square(float x);

}  // namespace ludus::envs
