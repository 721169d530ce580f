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

TEST(Half, EveryNumberIsConvertedBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto number = static_cast<std::uint16_t>(bits);
    const float half = half_to_float(number), bfloat = bfloat_to_float(number);
    if (std::isnan(half)) {
      EXPECT_TRUE(std::isnan(half_to_float(float_to_half(half))));
    } else {
      EXPECT_EQ(float_to_half(half), number);
    }
    if (std::isnan(bfloat)) {
      EXPECT_TRUE(std::isnan(bfloat_to_float(float_to_bfloat(bfloat))));
    } else {
      EXPECT_EQ(float_to_bfloat(bfloat), number);
    }
  }
}

// halves next to 1 are 2^-10 apart above it; halfway lies 1 + 2^-11, and the even one of its neighbours is 1
TEST(Half, RoundsToTheNearestEvenNumber) {
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3C00);
  EXPECT_EQ(float_to_half(1.0f + 0x1.8p-11f), 0x3C01);
  EXPECT_EQ(float_to_half(1.0f + 0x3p-11f), 0x3C02);
  EXPECT_EQ(float_to_half(65519.0f), 0x7BFF);
  EXPECT_EQ(float_to_half(65520.0f), 0x7C00);
  EXPECT_EQ(float_to_half(0x1p-25f), 0x0000);
  EXPECT_EQ(float_to_half(0x1.8p-25f), 0x0001);
  EXPECT_EQ(float_to_half(-0x1.ffcp-15f - 0x1p-26f), 0x8400);
  EXPECT_EQ(float_to_bfloat(1.0f + 0x1p-8f), 0x3F80);
  EXPECT_EQ(float_to_bfloat(1.0f + 0x3p-8f), 0x3F82);
}

}  // namespace
}  // namespace ludus
