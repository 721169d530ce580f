#include "base/ziggurat.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus {
namespace {

// The defining property: every layer has the same area, x_i (f(x_{i-1}) - f(x_i)) = v, and so has the bottom layer, r
// f(r) plus the tail.
template <class Tables, class F>
void expect_equal_areas(const Tables& tables, int bits, double area, F density, double tolerance) {
  const double scale = std::ldexp(1.0, bits);
  const double r = static_cast<double>(tables.width[255]) * scale;
  EXPECT_NEAR(static_cast<double>(tables.width[0]) * scale * density(r), area, tolerance);
  for (std::size_t i = 1; i < kZigguratLayers; ++i) {
    const double x = static_cast<double>(tables.width[i]) * scale;
    const double height = static_cast<double>(tables.density[i]);
    EXPECT_NEAR(height, density(x), tolerance) << i;
    EXPECT_NEAR(x * (static_cast<double>(tables.density[i - 1]) - height), area, tolerance) << i;

    // inside is x_{i-1} / x_i in units of the position
    const double narrower = i > 1 ? static_cast<double>(tables.width[i - 1]) * scale : 0.0;
    EXPECT_NEAR(static_cast<double>(tables.inside[i]) / scale, narrower / x, tolerance) << i;
  }
}

double normal_density(double x) {
  return std::exp(-0.5 * x * x);
}

// v of the normal: r exp(-r²/2) + sqrt(π/2) erfc(r / √2) = 0.004928673233974655
TEST(Ziggurat, NormalLayersHaveOneArea) {
  expect_equal_areas(normal_tables(), 52, 0.004928673233974655, normal_density, 1e-15);
  expect_equal_areas(normal_tables32(), 23, 0.004928673233974655, normal_density, 3e-7);
}

// v of the exponential: (r + 1) exp(-r) = 0.003949659822581557
TEST(Ziggurat, ExponentialLayersHaveOneArea) {
  expect_equal_areas(
      exponential_tables(), 53, 0.003949659822581557, [](double x) { return std::exp(-x); }, 1e-15);
}

// The bottom layer: the fraction r f(r) / v of its width is under the curve. For the normal distribution that is
// 3.65415288536101 * 0.00126028593 / 0.00492867323 = 0.934385.
TEST(Ziggurat, BottomLayer) {
  EXPECT_NEAR(std::ldexp(static_cast<double>(normal_tables().inside[0]), -52), 0.934385, 1e-6);
  EXPECT_NEAR(std::ldexp(static_cast<double>(normal_tables32().inside[0]), -23), 0.934385, 1e-6);
  // r / (r + 1) = 7.69711747013105 / 8.69711747013105
  EXPECT_NEAR(std::ldexp(static_cast<double>(exponential_tables().inside[0]), -53), 0.8850193753, 1e-10);
}

}  // namespace
}  // namespace ludus
