// The expected texts were printed by NumPy.
#include "envs/spaces/numpy_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace ludus::envs {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NumpyText, PrintsScalars) {
  EXPECT_EQ(numpy_scalar_text(Array::scalar(0.1F), 0), "0.1");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(-1.0), 0), "-1.0");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(-0.0), 0), "-0.0");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(3.4028235e38F), 0), "3.4028235e+38");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(1e-5), 0), "1e-05");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(1e15), 0), "1000000000000000.0");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(1e16), 0), "1e+16");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(-kInfinity), 0), "-inf");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(true), 0), "True");
  EXPECT_EQ(numpy_scalar_text(Array::scalar(std::numeric_limits<std::uint64_t>::max()), 0), "18446744073709551615");
}

TEST(NumpyText, AlignsDecimalPoints) {
  EXPECT_EQ(numpy_text(Array::of({-1.0F, -1.0F, -8.0F})), "[-1. -1. -8.]");
  EXPECT_EQ(numpy_text(Array::of({0.5, 10.25, -3.0})), "[ 0.5  10.25 -3.  ]");
  EXPECT_EQ(numpy_text(Array::of({1.0 / 3.0, 2.0})), "[0.33333333 2.        ]");
}

TEST(NumpyText, TakesAnExponentWhereMagnitudesLieFarApart) {
  EXPECT_EQ(numpy_text(Array::of({1e-5, 1.0})), "[1.e-05 1.e+00]");
  EXPECT_EQ(numpy_text(Array::of({1.0, 1001.5})), "[1.0000e+00 1.0015e+03]");
  EXPECT_EQ(numpy_text(Array::of({-4.8F, -3.4028235e38F})), "[-4.8000002e+00 -3.4028235e+38]");
}

TEST(NumpyText, MakesRoomForInfinities) {
  EXPECT_EQ(numpy_text(Array::of({-kInfinity, 1.0})), "[-inf   1.]");
  EXPECT_EQ(numpy_text(Array::of({kInfinity, std::nan("")})), "[inf nan]");
}

TEST(NumpyText, WrapsLinesAndBrackets) {
  // the bounds of LunarLander
  EXPECT_EQ(numpy_text(Array::of({-2.5F, -2.5F, -10.0F, -10.0F, -6.2831855F, -10.0F, -0.0F, -0.0F})),
            "[ -2.5        -2.5       -10.        -10.         -6.2831855 -10.\n"
            "  -0.         -0.       ]");
  EXPECT_EQ(numpy_text(Array::of<std::int64_t>({1, 2, 3, 400}).reshaped(Shape{2, 2})), "[[  1   2]\n [  3 400]]");
  EXPECT_EQ(numpy_text(Array::of<std::int64_t>({1, 2, 3, 4}).reshaped(Shape{2, 1, 2})), "[[[1 2]]\n\n [[3 4]]]");
  EXPECT_EQ(numpy_text(Array::of({true, false})), "[ True False]");
}

TEST(NumpyText, ShortensLongArrays) {
  std::vector<std::int64_t> numbers(1001);
  std::iota(numbers.begin(), numbers.end(), 0);
  EXPECT_EQ(numpy_text(Array::of(std::span<const std::int64_t>(numbers))), "[   0    1    2 ...  998  999 1000]");
  EXPECT_EQ(numpy_text(Array(DType::kInt64, Shape{0})), "[]");
}

TEST(NumpyText, PrintsARankOfZeroAsItsNumber) {
  EXPECT_EQ(numpy_text(Array::scalar(2.5)), "2.5");
}

}  // namespace
}  // namespace ludus::envs
