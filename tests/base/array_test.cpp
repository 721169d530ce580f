#include "base/array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ludus {
namespace {

TEST(DType, NamesAndSizes) {
  const std::vector<std::pair<std::string, std::size_t>> facts{
      {"bool", 1},   {"int8", 1},  {"uint8", 1},  {"int16", 2},   {"uint16", 2}, {"int32", 4},
      {"uint32", 4}, {"int64", 8}, {"uint64", 8}, {"float32", 4}, {"float64", 8}};
  for (const auto& [name, bytes] : facts) {
    EXPECT_EQ(name_of(dtype_of(name)), name);
    EXPECT_EQ(size_of(dtype_of(name)), bytes);
    EXPECT_EQ(is_floating(dtype_of(name)), name.starts_with("float"));
  }
  EXPECT_THROW(dtype_of("float16"), InvalidArgument);
  EXPECT_THROW(dtype_of(""), InvalidArgument);
}

TEST(Shape, CountsAndPrints) {
  EXPECT_EQ(Shape{}.elements(), 1u);
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24u);
  EXPECT_EQ((Shape{2, 0, 4}).elements(), 0u);
  EXPECT_EQ(Shape{}.to_string(), "()");
  EXPECT_EQ(Shape{4}.to_string(), "(4,)");
  EXPECT_EQ((Shape{2, 3}).to_string(), "(2, 3)");
  EXPECT_EQ((Shape{3}.prepended(2)), (Shape{2, 3}));
  EXPECT_EQ((Shape{3}.appended(2)), (Shape{3, 2}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2}), (Shape{2, 1}));
}

TEST(Shape, RefusesTooManyAndNegativeExtents) {
  EXPECT_EQ((Shape{1, 1, 1, 1, 1, 1, 1, 1}).rank(), Shape::kMaxRank);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), InvalidArgument);
  EXPECT_THROW((Shape{2, -1}), InvalidArgument);
}

TEST(Array, BeginsWithZeros) {
  const Array small(DType::kFloat32, Shape{4}), large(DType::kInt64, Shape{10, 10});
  for (const float x : small.data<float>()) EXPECT_EQ(x, 0.0f);
  ASSERT_EQ(large.size(), 100u);
  for (const std::int64_t x : large.data<std::int64_t>()) EXPECT_EQ(x, 0);
  EXPECT_EQ(Array().size(), 0u);
}

// Up to 64 bytes are stored inside the object, more on the heap: copies and moves must handle both.
TEST(Array, CopiesAndMovesOwnTheirNumbers) {
  for (const std::int64_t count : {8, 9, 1000}) {
    Array original(DType::kFloat64, Shape{count});
    for (std::size_t i = 0; i < original.size(); ++i) original.set(i, static_cast<double>(i) + 0.5);
    Array copy = original;
    EXPECT_EQ(copy, original);
    copy.data<double>()[0] = -1.0;
    EXPECT_NE(copy, original);
    EXPECT_EQ(original.get(0), 0.5);

    const Array kept = original;
    const Array moved = std::move(original);
    EXPECT_EQ(moved, kept);
    copy = kept;
    EXPECT_EQ(copy, kept);
  }
}

TEST(Array, IsMadeFromValues) {
  const Array vector = Array::of<std::int32_t>({1, 2, 3});
  EXPECT_EQ(vector.dtype(), DType::kInt32);
  EXPECT_EQ(vector.shape(), Shape{3});
  const std::vector<double> numbers{1, 2, 3, 4, 5, 6};
  const Array matrix = Array::of(std::span(numbers), Shape{2, 3});
  EXPECT_EQ(matrix.get(4), 5.0);  // row-major
  EXPECT_THROW(Array::of(std::span(numbers), Shape{2, 2}), InvalidArgument);
  const Array scalar = Array::scalar(true);
  EXPECT_EQ(scalar.dtype(), DType::kBool);
  EXPECT_EQ(scalar.shape(), Shape{});
  EXPECT_EQ(scalar.size(), 1u);
}

TEST(Array, RefusesToBeReadAsAnotherType) {
  Array array(DType::kFloat32, Shape{2});
  EXPECT_NO_THROW(array.data<float>());
  EXPECT_THROW(array.data<double>(), TypeMismatch);
  EXPECT_THROW(array.data<std::int32_t>(), TypeMismatch);  // same size, but another type
  EXPECT_THROW(std::as_const(array).data<bool>(), TypeMismatch);
}

TEST(Array, ConvertsAsStaticCast) {
  const Array floats = Array::of<double>({-1.9, 0.0, 2.9, 200.0});
  EXPECT_EQ(floats.cast(DType::kInt32), Array::of<std::int32_t>({-1, 0, 2, 200}));
  EXPECT_EQ(floats.cast(DType::kBool), Array::of<bool>({true, false, true, true}));
  EXPECT_EQ(Array::of<double>({0.1}).cast(DType::kFloat32), Array::of<float>({0.1f}));
  EXPECT_EQ(floats.cast(DType::kFloat64), floats);

  // conversions between integers must not go through a double
  const std::int64_t large = (std::int64_t{1} << 62) + 1;
  EXPECT_EQ(Array::of<std::int64_t>({large}).cast(DType::kUInt64).data<std::uint64_t>()[0],
            static_cast<std::uint64_t>(large));
}

TEST(Array, GetsAndSetsInAnyType) {
  for (const char* name :
       {"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"}) {
    Array array(dtype_of(name), Shape{3});
    array.set(1, 7.0);
    EXPECT_EQ(array.get(0), 0.0) << name;
    EXPECT_EQ(array.get(1), 7.0) << name;
    EXPECT_EQ(array.get(2), 0.0) << name;
  }
  Array flag(DType::kBool, Shape{1});
  flag.set(0, 0.25);
  EXPECT_EQ(flag.get(0), 1.0);
}

TEST(Array, Reshapes) {
  const Array row = Array::of<std::int8_t>({1, 2, 3, 4, 5, 6});
  const Array matrix = row.reshaped(Shape{3, 2});
  EXPECT_EQ(matrix.shape(), (Shape{3, 2}));
  EXPECT_EQ(matrix.get(5), 6.0);
  EXPECT_THROW(row.reshaped(Shape{4}), InvalidArgument);
}

// Bytes are compared, because a resumed run must restore exactly the same bits.
TEST(Array, EqualityIsOfBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Array::of<double>({nan}), Array::of<double>({nan}));
  EXPECT_NE(Array::of<double>({0.0}), Array::of<double>({-0.0}));
  EXPECT_NE(Array::of<std::int32_t>({0}), Array::of<std::uint32_t>({0}));
  EXPECT_NE(Array(DType::kInt8, Shape{2, 3}), Array(DType::kInt8, Shape{3, 2}));
  EXPECT_EQ(Array(DType::kInt8, Shape{0}), Array(DType::kInt8, Shape{0}));
}

}  // namespace
}  // namespace ludus
