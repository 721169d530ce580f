#include "envs/classic_control/numpy_scalar.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace ludus::envs {
namespace {

using Kind = NumpyScalar::Kind;

TEST(NumpyScalar, KindOfAResult) {
  const NumpyScalar python = 0.1, single = NumpyScalar::of(0.1f), wide = NumpyScalar::of(0.1);
  EXPECT_EQ((python + python).kind(), Kind::kPython);
  EXPECT_EQ((single * python).kind(), Kind::kFloat32);
  EXPECT_EQ((python - single).kind(), Kind::kFloat32);
  EXPECT_EQ((single + wide).kind(), Kind::kFloat64);
  EXPECT_EQ((python + wide).kind(), Kind::kFloat64);
}

TEST(NumpyScalar, RoundsWhereNumPy2Rounds) {
  // np.float32(0.1) * 0.0015 rounds the Python number and the product to float32; np.float64(0.1) * 0.0015 neither
  const float single = 0.1f;
  EXPECT_EQ((NumpyScalar::of(single) * 0.0015).value(), static_cast<double>(single * 0.0015f));
  EXPECT_EQ((NumpyScalar::of(0.1) * 0.0015).value(), 0.1 * 0.0015);
  // a float32 meets a float64 as the double it is
  EXPECT_EQ((NumpyScalar::of(single) + NumpyScalar::of(0.2)).value(), static_cast<double>(single) + 0.2);
}

TEST(NumpyScalar, ComparesInTheCommonType) {
  // float32(0.07) as a double is 0.07000000029…, above 0.07; as float32s they are equal
  const NumpyScalar speed = NumpyScalar::of(0.07f);
  EXPECT_FALSE(speed > 0.07);
  EXPECT_TRUE(speed >= 0.07);
  EXPECT_TRUE(speed == 0.07);
  EXPECT_TRUE(speed > NumpyScalar::of(0.07));
}

TEST(NumpyScalar, SquareUsesPow) {
  // the C library's pow is not always the rounded product: count how often they differ over many numbers
  int differ = 0;
  volatile double exponent = 2.0;
  for (int i = 1; i <= 100000; ++i) {
    const double x = std::sqrt(static_cast<double>(i)) * 0.7;
    EXPECT_EQ(numpy_square(x), std::pow(x, exponent));
    EXPECT_NEAR(numpy_square(x), x * x, 4e-16 * x * x);
    if (numpy_square(x) != x * x) ++differ;
  }
  ::testing::Test::RecordProperty("differ", differ);
  EXPECT_EQ(numpy_square(3.0f), 9.0f);
}

TEST(NumpyScalar, NeighboursAreBothRoundedToFloat32) {
  // GCC 12 vectorised two neighbouring double(float(x)) away until the build forbade it
  volatile double tenth = 0.1, third = 1.0 / 3.0;
  std::array<double, 2> pair{NumpyScalar::float32(tenth).value(), NumpyScalar::float32(third).value()};
  EXPECT_EQ(pair[0], 0.100000001490116119384765625);
  EXPECT_EQ(pair[1], 0.3333333432674407958984375);
}

}  // namespace
}  // namespace ludus::envs
