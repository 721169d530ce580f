// Tables of the ziggurat method, which covers a decreasing density by 256 layers of equal area v: 255 rectangles
// and, at the bottom, a rectangle with the tail behind it.
//
// Source: G. Marsaglia and W. W. Tsang, "The Ziggurat Method for Generating Random Variables" (2000); layer 0 is
// the bottom one, layer i > 0 lies between the heights f(x_i) and f(x_{i-1}).
#pragma once

#include <array>
#include <cstdint>

namespace ludus {

inline constexpr std::size_t kZigguratLayers = 256;

// Where the tail begins. The areas follow from these.
inline constexpr double kNormalR = 3.6541528853610087963519472518;
inline constexpr double kExponentialR = 7.6971174701310497140446280481;

// A draw is x = position * width[layer], with `position` an integer of fixed bits, uniform over the layer.
template <class Real, class Position>
struct BasicZigguratTables {
  std::array<Position, kZigguratLayers> inside;  // positions below this lie under the curve for certain
  std::array<Real, kZigguratLayers> width;       // x per unit of position
  std::array<Real, kZigguratLayers> density;     // f(x_i)
};
using ZigguratTables = BasicZigguratTables<double, std::uint64_t>;
using ZigguratTables32 = BasicZigguratTables<float, std::uint32_t>;

// Of exp(-x²/2), 52 bits of position; of the same in single precision, 23 bits; of exp(-x), 53 bits.
// Computed at the first call, with the roundings that NumPy's own tables have.
const ZigguratTables& normal_tables();
const ZigguratTables32& normal_tables32();
const ZigguratTables& exponential_tables();

}  // namespace ludus
