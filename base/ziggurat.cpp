#include "base/ziggurat.h"

#include <cmath>

namespace ludus {
namespace {

constexpr std::size_t kLast = kZigguratLayers - 1;

// exp and log of a double with a single rounding: the tables must not depend on the last bit of the system's double
// functions.
double exp_of(double x) {
  return static_cast<double>(std::exp(static_cast<long double>(x)));
}
double log_of(double x) {
  return static_cast<double>(std::log(static_cast<long double>(x)));
}

// x_i and f(x_i) of exp(-x²/2).
struct NormalLayers {
  static constexpr double kArea = 0.0049286732339746519;  // v, four units in the last place below the exact area
  std::array<double, kZigguratLayers> x, density;
};

// NumPy's tables were computed in double precision, from the rounded r and v above, by the recursion f(x_{i-1}) =
// f(x_i) + v / x_i, with each f recomputed from its x. Their last digits affect every stream of normal numbers, so the
// same rounding is reproduced here.
NormalLayers make_normal_layers() {
  // Here the exact value is so close to the midpoint of two doubles that the exp used for NumPy's tables returned the
  // upper one; every x above this layer inherits the difference.
  constexpr std::size_t kRoundedUp = 38;

  NormalLayers layers{};
  double x = kNormalR;
  for (std::size_t i = kLast; i >= 1; --i) {
    double density = exp_of(-0.5 * x * x);
    if (i == kRoundedUp) density = std::nextafter(density, 1.0);
    layers.x[i] = x;
    layers.density[i] = density;
    x = std::sqrt(-2.0 * log_of(density + NormalLayers::kArea / x));
  }
  layers.x[0] = 0.0;  // the top layer ends at the peak; the recursion leaves only rounding error there
  layers.density[0] = 1.0;
  return layers;
}

template <class Real, class Position>
BasicZigguratTables<Real, Position> make_normal_tables(int bits) {
  const NormalLayers layers = make_normal_layers();
  const double scale = std::ldexp(1.0, bits);
  BasicZigguratTables<Real, Position> tables{};

  // the bottom layer has the width of a rectangle with area v and height f(r); it is under the curve up to r
  tables.inside[0] =
      static_cast<Position>(std::nearbyint(kNormalR * layers.density[kLast] / NormalLayers::kArea * scale));
  tables.width[0] = static_cast<Real>(NormalLayers::kArea / layers.density[kLast] / scale);
  tables.density[0] = 1;

  for (std::size_t i = 1; i <= kLast; ++i) {
    tables.inside[i] = static_cast<Position>(std::nearbyint(layers.x[i - 1] / layers.x[i] * scale));
    tables.width[i] = static_cast<Real>(layers.x[i] / scale);
    tables.density[i] = static_cast<Real>(layers.density[i]);
  }
  return tables;
}

// Tables of exp(-x), which NumPy has to full precision: computed in extended precision and rounded at the end. The
// height is accumulated, because recomputing it from x would lose digits near the peak.
ZigguratTables make_exponential_tables() {
  using Extended = long double;
  const Extended r = 7.6971174701310497140446280481L;
  const Extended area = (r + 1) * std::exp(-r);  // v = r f(r) + ∫_r^∞ f
  const Extended scale = 0x1p53L;
  ZigguratTables tables{};

  const Extended bottom = area / std::exp(-r);
  tables.inside[0] = static_cast<std::uint64_t>(r / bottom * scale);
  tables.width[0] = static_cast<double>(bottom / scale);
  tables.density[0] = 1;

  Extended x = r, height = std::exp(-r);
  for (std::size_t i = kLast; i >= 1; --i) {
    tables.width[i] = static_cast<double>(x / scale);
    tables.density[i] = static_cast<double>(height);
    height += area / x;
    const Extended narrower = i > 1 ? -std::log(height) : Extended{0};
    tables.inside[i] = static_cast<std::uint64_t>(narrower / x * scale);
    x = narrower;
  }
  return tables;
}

}  // namespace

const ZigguratTables& normal_tables() {
  static const ZigguratTables tables = make_normal_tables<double, std::uint64_t>(52);
  return tables;
}

const ZigguratTables32& normal_tables32() {
  static const ZigguratTables32 tables = make_normal_tables<float, std::uint32_t>(23);
  return tables;
}

const ZigguratTables& exponential_tables() {
  static const ZigguratTables tables = make_exponential_tables();
  return tables;
}

}  // namespace ludus
