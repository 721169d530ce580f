#include "nn/core/quantile_kernels.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::nn {
namespace {

// τ = (0.25, 0.75), θ = (0, 1), y = (0.5, 3):
//   i = 1: u = 0.5: 0.25 · 0.125;  u = 3: 0.25 · 2.5          mean 0.328125;  slope −(0.25 · 0.5 + 0.25) / 2 = −0.1875
//   i = 2: u = −0.5: |0.75 − 1| · 0.125;  u = 2: 0.75 · 1.5   mean 0.578125;  slope −(0.75 − 0.25 · 0.5) / 2 = −0.3125
// and a second row without error: θ = y.
TEST(QuantileKernels, ByHand) {
  const std::vector<float> quantiles{0, 1, 2, 2}, samples{0.5f, 3, 2, 2};
  std::vector<float> losses(2), gradients(4);
  quantile_huber(quantiles.data(), samples.data(), 2, 2, 2, losses.data(), gradients.data());
  EXPECT_FLOAT_EQ(losses[0], 0.90625f);
  EXPECT_FLOAT_EQ(gradients[0], -0.1875f);
  EXPECT_FLOAT_EQ(gradients[1], -0.3125f);
  EXPECT_EQ(losses[1], 0.0f);
  EXPECT_EQ(gradients[2], 0.0f);
  EXPECT_EQ(gradients[3], 0.0f);
}

}  // namespace
}  // namespace ludus::nn
