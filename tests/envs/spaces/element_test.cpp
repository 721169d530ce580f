#include "envs/spaces/element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace ludus::envs {
namespace {

TEST(Element, CastsSafelyWhereNumPyDoes) {
  // rows of numpy.can_cast(from, to)
  EXPECT_TRUE(can_cast(DType::kBool, DType::kFloat32));
  EXPECT_TRUE(can_cast(DType::kUInt8, DType::kInt16));
  EXPECT_FALSE(can_cast(DType::kUInt8, DType::kInt8));
  EXPECT_FALSE(can_cast(DType::kInt8, DType::kUInt64));
  EXPECT_TRUE(can_cast(DType::kInt16, DType::kFloat32));
  EXPECT_FALSE(can_cast(DType::kInt32, DType::kFloat32));
  EXPECT_TRUE(can_cast(DType::kInt64, DType::kFloat64));
  EXPECT_TRUE(can_cast(DType::kFloat32, DType::kFloat64));
  EXPECT_FALSE(can_cast(DType::kFloat64, DType::kFloat32));
  EXPECT_FALSE(can_cast(DType::kFloat32, DType::kInt64));
  EXPECT_FALSE(can_cast(DType::kUInt8, DType::kBool));
}

TEST(Element, PromotesAsNumPyDoes) {
  EXPECT_EQ(result_type(DType::kInt64, DType::kFloat32), DType::kFloat64);
  EXPECT_EQ(result_type(DType::kInt8, DType::kFloat32), DType::kFloat32);
  EXPECT_EQ(result_type(DType::kInt8, DType::kUInt8), DType::kInt16);
  EXPECT_EQ(result_type(DType::kUInt32, DType::kInt16), DType::kInt64);
  EXPECT_EQ(result_type(DType::kUInt64, DType::kInt64), DType::kFloat64);
  EXPECT_EQ(result_type(DType::kBool, DType::kInt8), DType::kInt8);
}

TEST(Element, FloatBoundsLieInsideABoxOfDoubles) {
  // 0.1f = 0.100000001… and -0.1f = -0.100000001… lie outside, 0.7f = 0.699999988… inside; infinities stay
  constexpr double kUnbounded = std::numeric_limits<double>::infinity();
  const FloatBounds bounds =
      float_bounds(Box(Array::of({-0.1, 0.7, -kUnbounded, 1e300}), Array::of({0.1, 1.0, 1e300, kUnbounded})));
  EXPECT_EQ(bounds.low[0], std::nextafter(-0.1f, 0.0f));
  EXPECT_EQ(bounds.high[0], std::nextafter(0.1f, 0.0f));
  EXPECT_EQ(bounds.low[1], std::nextafter(0.7f, 1.0f));
  EXPECT_EQ(bounds.high[1], 1.0f);
  EXPECT_EQ(bounds.low[2], -std::numeric_limits<float>::infinity());
  EXPECT_EQ(bounds.high[2], std::numeric_limits<float>::max());
  EXPECT_EQ(bounds.high[3], std::numeric_limits<float>::infinity());
  EXPECT_EQ(float_bounds(Box(-0.1, 0.1, Shape{1})).high[0], 0.1f);  // a box of floats keeps its bounds
  // no float32 lies between these two doubles
  EXPECT_THROW(float_bounds(Box(0.1, std::nextafter(0.1, 1.0), Shape{1}, DType::kFloat64)), InvalidArgument);
}

TEST(Element, SumsPairwise) {
  // eight accumulators: 1e16 is added to the small numbers only at the end, so that they are not lost one by one
  const std::vector<double> numbers{1e16, 1, 1, 1, 1, 1, 1, 1};
  double plain = 0;
  for (const double x : numbers) plain += x;
  EXPECT_EQ(plain, 1e16);
  // ((1e16 + 1) + (1 + 1)) + ((1 + 1) + (1 + 1)) = (1e16 + 2) + 4
  EXPECT_EQ(numpy_sum(numbers), 1e16 + 6);

  std::vector<double> ones(1000, 1.0);
  EXPECT_EQ(numpy_sum(ones), 1000);
}

TEST(Element, TakesWholeNumbersOnly) {
  EXPECT_EQ(whole(-3, "it"), -3);
  EXPECT_THROW(whole(0.5, "it"), InvalidArgument);
  EXPECT_THROW(whole(std::nan(""), "it"), InvalidArgument);
  EXPECT_THROW(whole(INFINITY, "it"), InvalidArgument);
  EXPECT_THROW(whole(9223372036854775808.0, "it"), InvalidArgument);
  EXPECT_EQ(whole(-9223372036854775808.0, "it"), std::numeric_limits<std::int64_t>::min());
}

TEST(Element, RefusesNumbersThatTheDtypeCannotHold) {
  const std::vector<double> fits{-128, 127};
  EXPECT_EQ(array_from_numbers(fits, Shape{2}, DType::kInt8), Array::of<std::int8_t>({-128, 127}));
  for (const double wrong : {-129.0, 128.0, std::nan(""), double{INFINITY}}) {
    EXPECT_THROW(array_from_numbers(std::vector<double>{wrong}, Shape{1}, DType::kInt8), InvalidArgument);
  }
  EXPECT_THROW(array_from_numbers(fits, Shape{3}, DType::kInt8), InvalidArgument);
}

TEST(Element, ReadsSeedsFromZeroOn) {
  EXPECT_EQ(checked_seed(5), 5U);
  EXPECT_THROW(checked_seed(-5), InvalidArgument);
  EXPECT_THROW(checked_seed(0.5), InvalidArgument);
}

TEST(Element, SaysWhichFieldOfADescriptionIsWrong) {
  const Dict spec{{"type", "Box"}, {"shape", List{2, "three"}}, {"dtype", 3}, {"low", "none"}};
  EXPECT_THROW(spec_field(spec, "high"), InvalidArgument);
  EXPECT_THROW(spec_shape(spec), InvalidArgument);
  EXPECT_THROW(spec_dtype(spec), InvalidArgument);
  EXPECT_THROW(spec_array(spec, "low", DType::kFloat32), InvalidArgument);
  EXPECT_THROW(spec_integer(spec, "low"), InvalidArgument);
  EXPECT_EQ(spec_integer(spec, "start", 4), 4);
}

}  // namespace
}  // namespace ludus::envs
