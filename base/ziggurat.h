// Tables for the ziggurat method, which covers a decreasing density by 256 layers of equal area v: 255 rectangles and a
// bottom layer, which is a rectangle plus the tail.
//
// Source: G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating Random Variables" (2000). Layer 0 is the
// bottom one; layer i > 0 covers the heights from f(x_i) to f(x_{i-1}).
#pragma once

#include <array>
#include <cstdint>

namespace ludus {

inline constexpr std::size_t kZigguratLayers = 256;

/// The start of the tail, which determines the area of the layers.
inline constexpr double kNormalR = 3.6541528853610087963519472518;
inline constexpr double kExponentialR = 7.6971174701310497140446280481;

/// A sample is x = position * width[layer], with `position` an integer of fixed bit width, uniform over the layer.
template <class Real, class Position>
struct BasicZigguratTables {
  std::array<Position, kZigguratLayers> inside;  // positions below this are always under the curve
  std::array<Real, kZigguratLayers> width;       // x per unit of position
  std::array<Real, kZigguratLayers> density;     // f(x_i)
};
using ZigguratTables = BasicZigguratTables<double, std::uint64_t>;
using ZigguratTables32 = BasicZigguratTables<float, std::uint32_t>;

/// Return the tables of exp(-x²/2) with 52 bits of position; of the same in single precision with 23 bits; of exp(-x)
/// with 53 bits. Computed on the first call, with the same rounding as NumPy's tables.
const ZigguratTables& normal_tables();
const ZigguratTables32& normal_tables32();
const ZigguratTables& exponential_tables();

}  // namespace ludus
