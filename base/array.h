// N-dimensional arrays of numbers, which hold observations, actions and states.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus {

enum class DType : std::uint8_t {
  kBool,
  kInt8,
  kUInt8,
  kInt16,
  kUInt16,
  kInt32,
  kUInt32,
  kInt64,
  kUInt64,
  kFloat32,
  kFloat64,
};

/// Returns the size of one element in bytes.
std::size_t size_of(DType dtype);

/// Returns NumPy's name of the dtype: "float32", "int64", "bool".
std::string_view name_of(DType dtype);

/// Returns the dtype with this NumPy name. Throws InvalidArgument for any other name.
DType dtype_of(std::string_view name);

bool is_floating(DType dtype);

/// Returns the dtype that corresponds to the C++ type T.
template <class T>
constexpr DType dtype_for() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::kBool;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return DType::kInt8;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DType::kUInt8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return DType::kInt16;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return DType::kUInt16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DType::kInt32;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return DType::kUInt32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DType::kInt64;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return DType::kUInt64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::kFloat32;
  else {
    static_assert(std::is_same_v<T, double>, "no DType for this type");
    return DType::kFloat64;
  }
}

/// Calls f(T{}) with the C++ type T of `dtype`.
template <class F>
decltype(auto) dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kBool: return f(bool{});
    case DType::kInt8: return f(std::int8_t{});
    case DType::kUInt8: return f(std::uint8_t{});
    case DType::kInt16: return f(std::int16_t{});
    case DType::kUInt16: return f(std::uint16_t{});
    case DType::kInt32: return f(std::int32_t{});
    case DType::kUInt32: return f(std::uint32_t{});
    case DType::kInt64: return f(std::int64_t{});
    case DType::kUInt64: return f(std::uint64_t{});
    case DType::kFloat32: return f(float{});
    case DType::kFloat64: break;
  }
  return f(double{});
}

/// The extents of an array, outermost first. Holds up to kMaxRank extents without allocation.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 8;

  Shape() = default;  // rank 0: one element
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  std::size_t rank() const { return rank_; }
  std::int64_t operator[](std::size_t i) const { return extents_[i]; }
  std::size_t elements() const;  // product of the extents, 1 at rank 0
  const std::int64_t* begin() const { return extents_.data(); }
  const std::int64_t* end() const { return extents_.data() + rank_; }

  /// Returns the shape with `extent` added in front or at the end.
  Shape prepended(std::int64_t extent) const;
  Shape appended(std::int64_t extent) const;

  std::string to_string() const;  // "(2, 3)", "(4,)", "()", as NumPy prints it

  friend bool operator==(const Shape& a, const Shape& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  std::size_t rank_ = 0;
};

/// A row-major array of numbers of one dtype. Up to kInlineBytes are stored inside the object, so that the small
/// observations of most environments are created and copied without allocation.
class Array {
 public:
  static constexpr std::size_t kInlineBytes = 64;

  Array() : Array(DType::kFloat64, Shape{0}) {}
  Array(DType dtype, Shape shape);  // filled with zeros

  /// Returns a copy of `values`, one-dimensional or in `shape`. Throws InvalidArgument if the number of values does not
  /// match the shape.
  template <class T>
  static Array of(std::span<const T> values, Shape shape) {
    Array array(dtype_for<T>(), shape);
    array.check_count(values.size());
    std::copy(values.begin(), values.end(), array.template data<T>().begin());
    return array;
  }
  template <class T>
  static Array of(std::span<const T> values) {
    return of(values, Shape{static_cast<std::int64_t>(values.size())});
  }
  template <class T>
  static Array of(std::initializer_list<T> values) {
    return of(std::span<const T>(values.begin(), values.size()));
  }
  template <class T>
  static Array scalar(T value) {
    Array array(dtype_for<T>(), Shape{});
    array.template data<T>()[0] = value;
    return array;
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::size_t size() const { return count_; }  // number of elements

  /// Returns the elements as T. Throws TypeMismatch if T does not match the dtype.
  template <class T>
  std::span<T> data() {
    check_type(dtype_for<T>());
    return {reinterpret_cast<T*>(raw()), count_};
  }
  template <class T>
  std::span<const T> data() const {
    check_type(dtype_for<T>());
    return {reinterpret_cast<const T*>(raw()), count_};
  }
  std::span<std::byte> bytes() { return {raw(), count_ * size_of(dtype_)}; }
  std::span<const std::byte> bytes() const { return {raw(), count_ * size_of(dtype_)}; }

  /// Reads or writes element i as a double, for any dtype. 64-bit integers above 2^53 are rounded when read; values are
  /// converted by static_cast when written.
  double get(std::size_t i) const;
  void set(std::size_t i, double value);

  /// Returns a copy in another dtype, each element converted by static_cast.
  Array cast(DType dtype) const;

  /// Returns a copy in another shape. Throws InvalidArgument if the number of elements differs.
  Array reshaped(Shape shape) const;

  /// Compares dtype, shape and bytes: a NaN equals the same NaN, and 0.0 differs from -0.0.
  friend bool operator==(const Array& a, const Array& b);

 private:
  std::byte* raw() { return heap_.empty() ? inline_.data() : heap_.data(); }
  const std::byte* raw() const { return heap_.empty() ? inline_.data() : heap_.data(); }
  void check_type(DType wanted) const;
  void check_count(std::size_t count) const;

  DType dtype_;
  Shape shape_;
  std::size_t count_;
  alignas(16) std::array<std::byte, kInlineBytes> inline_{};
  std::vector<std::byte> heap_;
};

}  // namespace ludus
