#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus {
namespace {

// IEEE 754 binary16: the largest number is (2 − 2^-10) · 2^15, the smallest normal 2^-14, the smallest denormal 2^-24.
TEST(Half, ConvertsExactly) {
  EXPECT_EQ(half_to_float(0x3C00), 1.0f);
  EXPECT_EQ(half_to_float(0xC000), -2.0f);
  EXPECT_EQ(half_to_float(0x7BFF), 65504.0f);
  EXPECT_EQ(half_to_float(0x0400), 0x1p-14f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_TRUE(std::signbit(half_to_float(0x8000)));
  EXPECT_EQ(half_to_float(0x7C00), HUGE_VALF);
  EXPECT_TRUE(std::isnan(half_to_float(0x7E00)));
  EXPECT_EQ(bfloat_to_float(0x3FC0), 1.5f);
}

}  // namespace
}  // namespace ludus
