#include "nn/core/optimizer_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace ludus::nn {
namespace {

// θ = 1, g = 2, β1 = 0.75, β2 = 0.5, α = 0.5, ε = 0, t = 1:
//   m = 0.25 · 2 = 0.5, m/(1 - β1) = 2;  v = 0.5 · 4 = 2, v/(1 - β2) = 4
//   θ ← 1 - 0.5 · 2 / sqrt(4) = 0.5
TEST(OptimizerKernels, AdamByHand) {
  std::vector<float> theta{1}, m{0}, v{0};
  const std::vector<float> g{2};
  const AdamCoefficients coefficients{.beta1 = 0.75f,
                                      .beta2 = 0.5f,
                                      .step_size = 0.5f / 0.25f,
                                      .second_correction_root = std::sqrt(0.5f),
                                      .epsilon = 0,
                                      .weight_decay = 0};
  adam_step(theta, g, m, v, coefficients);
  EXPECT_FLOAT_EQ(m[0], 0.5f);
  EXPECT_FLOAT_EQ(v[0], 2.0f);
  EXPECT_FLOAT_EQ(theta[0], 0.5f);
}

// θ = 4, g = 1, λ = 0.5: g becomes 3. μ = 0.5, b = 2: b ← 1 + 3 = 4. α = 0.25: θ ← 4 - 1 = 3.
// Nesterov: θ ← 4 - 0.25 (3 + 0.5 · 4) = 2.75. Without momentum: θ ← 4 - 0.75 = 3.25.
TEST(OptimizerKernels, SgdByHand) {
  const std::vector<float> g{1};
  SgdCoefficients coefficients{.learning_rate = 0.25f, .momentum = 0.5f, .weight_decay = 0.5f, .nesterov = false};
  std::vector<float> theta{4}, b{2};
  sgd_step(theta, g, b, coefficients);
  EXPECT_EQ(b[0], 4.0f);
  EXPECT_EQ(theta[0], 3.0f);

  theta = {4}, b = {2};
  coefficients.nesterov = true;
  sgd_step(theta, g, b, coefficients);
  EXPECT_EQ(theta[0], 2.75f);

  theta = {4};
  coefficients.momentum = 0;
  sgd_step(theta, g, {}, coefficients);
  EXPECT_EQ(theta[0], 3.25f);
}

// θ = 1, g = 4, s = 0, α = 0.75: s ← 0.25 · 16 = 4. lr = 0.5, ε = 2: θ ← 1 - 0.5 · 4 / (2 + 2) = 0.5.
TEST(OptimizerKernels, RmsPropByHand) {
  std::vector<float> theta{1}, s{0};
  const std::vector<float> g{4};
  rmsprop_step(theta, g, s, {.learning_rate = 0.5f, .alpha = 0.75f, .epsilon = 2, .weight_decay = 0});
  EXPECT_EQ(s[0], 4.0f);
  EXPECT_EQ(theta[0], 0.5f);
}

// The loops work in blocks; every length must do what one element at a time does, to the bit.
TEST(OptimizerKernels, EveryLengthAgreesWithSingleElements) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  for (std::size_t length = 0; length < 40; ++length) {
    std::vector<float> theta(length), g(length), m(length), v(length);
    for (std::size_t i = 0; i < length; ++i) {
      theta[i] = normal(generator), g[i] = normal(generator), m[i] = normal(generator), v[i] = std::abs(m[i]);
    }
    auto theta1 = theta, m1 = m, v1 = v;
    const AdamCoefficients coefficients{0.9f, 0.999f, 1e-2f, 0.1f, 1e-8f, 0.01f};
    adam_step(theta, g, m, v, coefficients);
    for (std::size_t i = 0; i < length; ++i) {
      adam_step({&theta1[i], 1}, {&g[i], 1}, {&m1[i], 1}, {&v1[i], 1}, coefficients);
    }
    EXPECT_EQ(theta, theta1);
    EXPECT_EQ(m, m1);
    EXPECT_EQ(v, v1);

    double sum = 0;
    for (const float x : g) sum += static_cast<double>(x) * static_cast<double>(x);
    EXPECT_NEAR(sum_of_squares(g), sum, 1e-12 * sum);
    auto doubled = g;
    scale(doubled, 2.0f);
    for (std::size_t i = 0; i < length; ++i) EXPECT_EQ(doubled[i], 2.0f * g[i]);
  }
}

}  // namespace
}  // namespace ludus::nn
