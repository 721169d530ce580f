#include "base/array.h"

#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "base/size_limit.h"

namespace ludus {
namespace {

struct DTypeFacts {
  std::string_view name;
  std::size_t bytes;
};

// in the order of the enumeration
constexpr std::array<DTypeFacts, 11> kDTypes{{{"bool", 1},
                                              {"int8", 1},
                                              {"uint8", 1},
                                              {"int16", 2},
                                              {"uint16", 2},
                                              {"int32", 4},
                                              {"uint32", 4},
                                              {"int64", 8},
                                              {"uint64", 8},
                                              {"float32", 4},
                                              {"float64", 8}}};

}  // namespace

std::size_t size_of(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].bytes;
}

std::string_view name_of(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].name;
}

DType dtype_of(std::string_view name) {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  }
  throw InvalidArgument(
      formatted("dtype: must be bool, int8 to int64, uint8 to uint64, float32 or float64, got \"{}\"", name));
}

bool is_floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) : rank_(extents.size()) {
  if (rank_ > kMaxRank) {
    throw InvalidArgument(formatted("shape: must have at most {} dimensions, got {}", kMaxRank, rank_));
  }
  for (std::size_t i = 0; i < rank_; ++i) {
    if (extents[i] < 0) {
      throw InvalidArgument(formatted("shape: extents must be at least 0, got {}", extents[i]));
    }
    extents_[i] = extents[i];
  }
}

std::size_t Shape::elements() const {
  std::size_t product = 1;
  for (std::int64_t extent : *this) product *= static_cast<std::size_t>(extent);
  return product;
}

Shape Shape::prepended(std::int64_t extent) const {
  std::vector<std::int64_t> extents{extent};
  extents.insert(extents.end(), begin(), end());
  return Shape(std::span<const std::int64_t>(extents));
}

Shape Shape::appended(std::int64_t extent) const {
  std::vector<std::int64_t> extents(begin(), end());
  extents.push_back(extent);
  return Shape(std::span<const std::int64_t>(extents));
}

std::string Shape::to_string() const {
  std::string text = "(";
  for (std::size_t i = 0; i < rank_; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(extents_[i]);
  }
  if (rank_ == 1) text += ",";
  return text + ")";
}

Array::Array(DType dtype, Shape shape) : dtype_(dtype), shape_(shape), count_(shape.elements()) {
  const std::size_t bytes = count_ * size_of(dtype);
  if (bytes <= kInlineBytes) return;
  SizeLimit::require(static_cast<double>(bytes));
  heap_.resize(bytes);
}

double Array::get(std::size_t i) const {
  return dispatch(dtype_, [&](auto zero) {
    using T = decltype(zero);
    return static_cast<double>(data<T>()[i]);
  });
}

void Array::set(std::size_t i, double value) {
  dispatch(dtype_, [&](auto zero) {
    using T = decltype(zero);
    data<T>()[i] = static_cast<T>(value);
  });
}

Array Array::cast(DType dtype) const {
  Array result(dtype, shape_);
  dispatch(dtype_, [&](auto from_zero) {
    using From = decltype(from_zero);
    dispatch(dtype, [&](auto to_zero) {
      using To = decltype(to_zero);
      const auto from = data<From>();
      const auto to = result.data<To>();
      for (std::size_t i = 0; i < count_; ++i) to[i] = static_cast<To>(from[i]);
    });
  });
  return result;
}

Array Array::reshaped(Shape shape) const {
  Array result = *this;
  result.shape_ = shape;
  result.check_count(shape.elements());
  return result;
}

bool operator==(const Array& a, const Array& b) {
  return a.dtype_ == b.dtype_ && a.shape_ == b.shape_ && std::memcmp(a.raw(), b.raw(), a.bytes().size()) == 0;
}

void Array::check_type(DType expected) const {
  if (expected == dtype_) return;
  throw TypeMismatch(formatted("array: the dtype must be {}, got {}", name_of(expected), name_of(dtype_)));
}

void Array::check_count(std::size_t count) const {
  if (count == count_) return;
  throw InvalidArgument(
      formatted("array: the number of elements must be {}, got {} (shape {})", count_, count, shape_.to_string()));
}

}  // namespace ludus
