// Conversion of 16-bit floating-point numbers to float, which is exact.
#pragma once

#include <bit>
#include <cstdint>

namespace ludus {

/// Converts an IEEE 754 half: 1 bit of sign, 5 of exponent, 10 of fraction.
constexpr float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero, or a denormal: fraction · 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  // infinity and NaN have the largest exponent; other exponents change from a bias of 15 to one of 127
  const std::uint32_t wide = exponent == 0x1f ? 0xffu : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

/// Converts a bfloat16, the upper half of a float.
constexpr float bfloat_to_float(std::uint16_t upper) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
}

}  // namespace ludus
