#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "base/value_io.h"
#include "envs/spaces/space.h"

namespace ludus::envs {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Box, KeepsItsBounds) {
  const Box box(Array::of({-1.0F, -2.0F}), Array::of({1.0F, 2.0F}));
  EXPECT_EQ(box.shape(), Shape{2});
  EXPECT_EQ(box.dtype(), DType::kFloat32);
  EXPECT_EQ(box.low().get(1), -2);
  EXPECT_EQ(box.high().get(1), 2);
  EXPECT_TRUE(box.is_bounded());
  EXPECT_FALSE(Box(-kInfinity, 0, Shape{1}).is_bounded());
  EXPECT_FALSE(Box(0, kInfinity, Shape{1}, DType::kInt16).is_bounded());
}

TEST(Box, RefusesBoundsThatMakeNoBox) {
  EXPECT_THROW(Box(Array::of({0.0F}), Array::of({1.0})), InvalidArgument);         // dtypes differ
  EXPECT_THROW(Box(Array::of({0.0F}), Array::of({1.0F, 1.0F})), InvalidArgument);  // shapes differ
  EXPECT_THROW(Box(1, 0, Shape{2}), InvalidArgument);                              // low above high
  EXPECT_THROW(Box(std::nan(""), 1, Shape{1}), InvalidArgument);                   // NaN
  EXPECT_THROW(Box(0, 256, Shape{1}, DType::kUInt8), InvalidArgument);             // beyond the dtype
  EXPECT_THROW(Box(0, 0.5, Shape{1}, DType::kInt32), InvalidArgument);             // not integral
  EXPECT_THROW(Box(0, kInfinity, Shape{1}, DType::kUInt8), InvalidArgument);       // no unsigned infinity
  EXPECT_THROW(Box(0, 1e300, Shape{1}, DType::kFloat32), InvalidArgument);         // beyond float32
}

TEST(Box, ContainsWhatNumPyWouldCastSafely) {
  const Box box(-1, 1, Shape{2}, DType::kFloat32);
  EXPECT_TRUE(box.contains(Array::of({0.5F, -1.0F})));  // bounds are inclusive
  EXPECT_FALSE(box.contains(Array::of({0.5F, -1.01F})));
  EXPECT_FALSE(box.contains(Array::of({0.5F, std::nanf("")})));
  EXPECT_FALSE(box.contains(Array::of({0.5, 0.5})));                          // float64 is not safe in float32
  EXPECT_TRUE(box.contains(Array::of<std::int16_t>({0, 1})));                 // int16 is
  EXPECT_FALSE(box.contains(Array::of<std::int32_t>({0, 1})));                // int32 is not
  EXPECT_FALSE(box.contains(Array::of({0.5F, 0.5F}).reshaped(Shape{2, 1})));  // shape
  EXPECT_FALSE(box.contains(List{0.5, 0.5}));                                 // a list is not an element
  EXPECT_FALSE(box.contains(0.5));
  const Box bytes(0, 200, Shape{1}, DType::kUInt8);
  EXPECT_FALSE(bytes.contains(Array::of<std::uint8_t>({201})));
  EXPECT_FALSE(bytes.contains(Array::of<std::int8_t>({1})));  // int8 may be negative
  const Box wide(0, 200, Shape{1}, DType::kInt64);
  EXPECT_TRUE(wide.contains(Array::of<std::uint8_t>({200})));
  EXPECT_FALSE(wide.contains(Array::of<std::int8_t>({-1})));
}

TEST(Box, DrawsOneWholeNumberAfterAnotherWithinItsDtype) {
  // uint8 from 0 to 1: floor of uniform(0, 2), so both values and nothing else
  Box coin(0, 1, Shape{100}, DType::kUInt8);
  coin.seed(0);
  const Value sample = coin.sample();
  int ones = 0;
  for (const std::uint8_t x : sample.as_array().data<std::uint8_t>()) {
    ASSERT_LE(x, 1);
    ones += x;
  }
  EXPECT_GT(ones, 20);
  EXPECT_LT(ones, 80);
}

TEST(Box, KeepsEveryBitOfItsWidestIntegers) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Box box(Array::of<std::int64_t>({-most}), Array::of<std::int64_t>({most - 1}));
  const SpacePtr again = space_from_spec(from_json(to_json(box.to_spec())).as_dict());
  EXPECT_TRUE(again->equals(box));
  EXPECT_TRUE(box.contains(Array::of<std::int64_t>({most - 1})));
  EXPECT_FALSE(box.contains(Array::of<std::int64_t>({most})));
  const Box unsigned_box(Array::of<std::uint64_t>({0}),
                         Array::of<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()}));
  EXPECT_TRUE(space_from_spec(from_json(to_json(unsigned_box.to_spec())).as_dict())->equals(unsigned_box));
}

TEST(Box, DrawsAnInfiniteIntegerBoundAsUnbounded) {
  // standard_normal of seed 0 is 0.1257…, -0.1321…, 0.6404…, 0.1049…, -0.5356…, rounded down
  Box box(-kInfinity, kInfinity, Shape{5}, DType::kInt64);
  box.seed(0);
  EXPECT_EQ(box.sample(), Value(Array::of<std::int64_t>({0, -1, 0, 0, -1})));
  EXPECT_EQ(box.to_string(), "Box(-9223372036854775808, 9223372036854775807, (5,), int64)");
}

// Returns the smallest and the largest of 2000 samples.
template <class T>
std::pair<T, T> range_of_samples(T low, T high) {
  Box box(Array::of<T>({low}), Array::of<T>({high}));
  box.seed(0);
  T least = high, most = low;
  for (int k = 0; k < 2000; ++k) {
    const Value sample = box.sample();
    EXPECT_TRUE(box.contains(sample));
    least = std::min(least, sample.as_array().data<T>()[0]);
    most = std::max(most, sample.as_array().data<T>()[0]);
  }
  return {least, most};
}

TEST(Box, SamplesReachTheEndsOfTheirType) {
  EXPECT_EQ(range_of_samples<std::int8_t>(125, 127), std::pair(std::int8_t{125}, std::int8_t{127}));
  EXPECT_EQ(range_of_samples<std::int8_t>(-128, -126), std::pair(std::int8_t{-128}, std::int8_t{-126}));
  EXPECT_EQ(range_of_samples<std::int16_t>(32766, 32767), std::pair(std::int16_t{32766}, std::int16_t{32767}));
  EXPECT_EQ(range_of_samples<std::uint8_t>(253, 255), std::pair(std::uint8_t{253}, std::uint8_t{255}));
  // all 256 values of the type
  Box whole(-128, 127, Shape{20000}, DType::kInt8);
  whole.seed(0);
  std::set<int> values;
  const Value sample = whole.sample();
  for (const std::int8_t x : sample.as_array().data<std::int8_t>()) values.insert(x);
  EXPECT_EQ(values.size(), 256u);
}

TEST(Box, SamplesWideIntegersExactly) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  const std::int64_t far = std::int64_t{1} << 60;  // the doubles there lie 256 apart
  EXPECT_EQ(range_of_samples<std::int64_t>(most - 2, most), std::pair(most - 2, most));
  EXPECT_EQ(range_of_samples<std::int64_t>(least, least + 2), std::pair(least, least + 2));
  EXPECT_EQ(range_of_samples<std::int64_t>(far, far + 2), std::pair(far, far + 2));
  const std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(range_of_samples<std::uint64_t>(top - 1, top), std::pair(top - 1, top));
  // 64 bits: the low ones vary too
  Box box(Array::of<std::int64_t>({least}), Array::of<std::int64_t>({most}));
  box.seed(0);
  std::set<std::int64_t> low_bits;
  for (int k = 0; k < 200; ++k) {
    const Value sample = box.sample();
    low_bits.insert(sample.as_array().data<std::int64_t>()[0] & 7);
  }
  EXPECT_EQ(low_bits.size(), 8u);
  // bounded on one side: not always the bound
  const SpacePtr half =
      space_from_spec({{"type", "Box"}, {"low", List{far}}, {"high", "inf"}, {"shape", List{1}}, {"dtype", "int64"}});
  half->seed(0);
  std::set<std::int64_t> above;
  for (int k = 0; k < 200; ++k) {
    const Value sample = half->sample();
    above.insert(sample.as_array().data<std::int64_t>()[0] - far);
  }
  EXPECT_EQ(*above.begin(), 0);
  EXPECT_GE(above.size(), 4u);
}

TEST(Box, SamplesOfTheWidestFloatsAreFinite) {
  constexpr double kMost = std::numeric_limits<double>::max();
  Box box(-kMost, kMost, Shape{1000}, DType::kFloat64);
  box.seed(0);
  const Value sample = box.sample();
  EXPECT_TRUE(box.contains(sample));
  std::size_t positive = 0;
  for (const double x : sample.as_array().data<double>()) positive += x > 0 ? 1 : 0;
  EXPECT_GT(positive, 400u);
  EXPECT_LT(positive, 600u);
  Box lopsided(-1e308, 1.5e308, Shape{1000}, DType::kFloat64);
  lopsided.seed(0);
  EXPECT_TRUE(lopsided.contains(lopsided.sample()));
  // of a width that rounds up
  Box narrow(0.1, std::nextafter(0.1, 1.0), Shape{1000}, DType::kFloat64);
  narrow.seed(0);
  EXPECT_TRUE(narrow.contains(narrow.sample()));
}

TEST(Box, RefusesALowOfInfinityAndAHighOfMinusInfinity) {
  constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Box(kInfinity, kInfinity, Shape{1}), InvalidArgument);
  EXPECT_THROW(Box(-kInfinity, -kInfinity, Shape{1}), InvalidArgument);
  EXPECT_THROW(Box(kInfinity, kInfinity, Shape{1}, DType::kInt32), InvalidArgument);
  EXPECT_THROW(Box(Array::of({0.0F, kFloatInfinity}), Array::of({1.0F, kFloatInfinity})), InvalidArgument);
  EXPECT_THROW(Box(Array::of({-kFloatInfinity}), Array::of({-kFloatInfinity})), InvalidArgument);
  for (const char* dtype : {"float32", "int64"}) {
    for (const char* bound : {"inf", "-inf"}) {
      const Dict spec{{"type", "Box"}, {"low", bound}, {"high", bound}, {"shape", List{1}}, {"dtype", dtype}};
      EXPECT_THROW(space_from_spec(spec), InvalidArgument) << dtype << " " << bound;
    }
  }
}

TEST(Box, PrintsAsInGymnasium) {
  EXPECT_EQ(Box(-1, 2, Shape{3, 4}).to_string(), "Box(-1.0, 2.0, (3, 4), float32)");
  EXPECT_EQ(Box(Array::of({-1.0F, -2.0F}), Array::of({2.0F, 4.0F})).to_string(),
            "Box([-1. -2.], [2. 4.], (2,), float32)");
  EXPECT_EQ(Box(0, 255, Shape{2}, DType::kUInt8).to_string(), "Box(0, 255, (2,), uint8)");
  EXPECT_EQ(Box(-kInfinity, kInfinity, Shape{1}).to_string(), "Box(-inf, inf, (1,), float32)");
  // CartPole
  const float angle = 0.41887903F;
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(
      Box(Array::of({-4.8F, -infinity, -angle, -infinity}), Array::of({4.8F, infinity, angle, infinity})).to_string(),
      "Box([-4.8               -inf -0.41887903        -inf], "
      "[4.8               inf 0.41887903        inf], (4,), float32)");
}

TEST(Box, ComparesBoundsAsNumbers) {
  EXPECT_TRUE(Box(0, 1, Shape{1}).equals(Box(-0.0, 1, Shape{1})));
  EXPECT_FALSE(Box(0, 1, Shape{1}).equals(Box(0, 1, Shape{1}, DType::kFloat64)));
}

TEST(Box, FlattensRowByRow) {
  const Box box(0, 9, Shape{2, 2}, DType::kInt32);
  const Value element = Array::of<std::int32_t>({1, 2, 3, 4}).reshaped(Shape{2, 2});
  std::vector<double> flat(4);
  box.flatten(element, flat);
  EXPECT_EQ(flat, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(box.unflatten(flat), element);
  EXPECT_EQ(box.flattened()->to_string(), "Box(0, 9, (4,), int32)");
  flat[0] = 1e10;  // does not fit int32
  EXPECT_THROW(box.unflatten(flat), InvalidArgument);
}

TEST(Box, TakesScalarBoundsInADescription) {
  const Dict spec{{"type", "Box"}, {"low", "-inf"}, {"high", 2}, {"shape", List{2}}, {"dtype", "float32"}};
  EXPECT_TRUE(space_from_spec(spec)->equals(Box(-kInfinity, 2, Shape{2})));
  Dict wrong = spec;
  wrong["low"] = List{0, 0, 0};
  EXPECT_THROW(space_from_spec(wrong), InvalidArgument);  // three bounds for two elements
}

TEST(Box, TakesNoMask) {
  Box box(0, 1, Shape{2});
  EXPECT_THROW(box.sample_masked(Array::of<std::int8_t>({1, 0})), InvalidArgument);
  EXPECT_THROW(box.sample_weighted(Array::of({0.5, 0.5})), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
