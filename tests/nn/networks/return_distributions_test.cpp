#include "nn/networks/return_distributions.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "nn/core/init.h"

namespace ludus::nn {
namespace {

at::Tensor doubles(std::vector<double> numbers) {
  return at::tensor(numbers, at::kDouble);
}

// The gradient of a sum of losses in x, against (L(x + h) − L(x − h)) / 2h.
void expect_gradient(const std::function<at::Tensor(const at::Tensor&)>& losses, const at::Tensor& at_x) {
  const at::Tensor x = at_x.clone().requires_grad_();
  losses(x).sum().backward();
  const double h = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const at::NoGradGuard no_grad;
    at::Tensor up = at_x.clone(), down = at_x.clone();
    up.view({-1})[i] += h;
    down.view({-1})[i] -= h;
    const double slope = (losses(up).sum().item<double>() - losses(down).sum().item<double>()) / (2 * h);
    EXPECT_NEAR(x.grad().view({-1})[i].item<double>(), slope, 1e-6) << i;
  }
}

// z = (0, 1, 2, 3), Δz = 1
ValueSupport small_support() {
  return ValueSupport(0, 3, 4, at::kDouble);
}

TEST(ValueSupport, ProjectionByHand) {
  // r = 0.5, γ = 0.5: z moves to (0.5, 1, 1.5, 2). p = (0.4, 0.3, 0.2, 0.1):
  //   0.4 at 0.5: half to 0, half to 1;  0.3 at 1;  0.2 at 1.5: half to 1, half to 2;  0.1 at 2
  //   m = (0.2, 0.2 + 0.3 + 0.1, 0.1 + 0.1, 0)
  // terminated (factor 0) with r = 2.25: all lies at 2.25: m = (0, 0, 0.75, 0.25)
  // r = 5: beyond the end, all at 3;  r = −5: all at 0
  const at::Tensor p = doubles({0.4, 0.3, 0.2, 0.1}).view({1, 4}).expand({4, 4});
  const at::Tensor m = small_support().project(p, doubles({0.5, 2.25, 5, -5}), doubles({0.5, 0, 0.5, 0.5}));
  EXPECT_TRUE(
      at::allclose(m, doubles({0.2, 0.6, 0.2, 0, 0, 0, 0.75, 0.25, 0, 0, 0, 1, 1, 0, 0, 0}).view({4, 4}), 0, 1e-12));
}

// Inside the support the projection preserves the mean, which a wrong split of the masses would shift.
TEST(ValueSupport, ProjectionKeepsMassAndMean) {
  const ValueSupport support(-10, 10, 51, at::kDouble);
  const at::Tensor p = at::softmax(at::randn({64, 51}, make_generator(1), at::kDouble), 1);
  const at::Tensor rewards = at::rand({64}, make_generator(2), at::kDouble), factors = at::full({64}, 0.9, at::kDouble);
  const at::Tensor m = support.project(p, rewards, factors);
  EXPECT_TRUE(at::allclose(m.sum(1), at::ones({64}, at::kDouble), 0, 1e-12));
  EXPECT_TRUE(
      at::allclose(at::matmul(m, support.values()), rewards + factors * at::matmul(p, support.values()), 0, 1e-9));
  EXPECT_GE(m.min().item<double>(), 0.0);
}

TEST(ValueSupport, ExpectationByHand) {
  // probabilities (0.1, 0.2, 0.3, 0.4): 0.2 + 0.6 + 1.2 = 2
  const at::Tensor logits = doubles({0.1, 0.2, 0.3, 0.4}).log();
  EXPECT_NEAR(small_support().expectation(logits).item<double>(), 2.0, 1e-12);
}

TEST(ValueSupport, RejectsEmptyRanges) {
  EXPECT_THROW(ValueSupport(1, 1, 4, at::kFloat), InvalidArgument);
  EXPECT_THROW(ValueSupport(0, 1, 1, at::kFloat), InvalidArgument);
}

TEST(CrossEntropies, ByHandAndByFiniteDifferences) {
  // p = (0.25, 0.75), m = (0.5, 0.5): −½ (ln 0.25 + ln 0.75) = 0.836988
  const at::Tensor logits = doubles({0.25, 0.75}).log().view({1, 2}), m = doubles({0.5, 0.5}).view({1, 2});
  EXPECT_NEAR(cross_entropies(logits, m).item<double>(), 0.836988, 1e-6);
  const at::Tensor target = at::softmax(at::randn({3, 5}, make_generator(1), at::kDouble), 1);
  expect_gradient([&](const at::Tensor& x) { return cross_entropies(x, target); },
                  at::randn({3, 5}, make_generator(2), at::kDouble));
}

TEST(QuantileHuberLosses, ByHand) {
  // τ = (0.25, 0.75), θ = (0, 1), y = (0.5, 3):
  //   i = 1: u = 0.5: 0.25 · 0.125;  u = 3: 0.25 · 2.5          mean (0.03125 + 0.625) / 2 = 0.328125
  //   i = 2: u = −0.5: |0.75 − 1| · 0.125;  u = 2: 0.75 · 1.5   mean (0.03125 + 1.125) / 2 = 0.578125
  const at::Tensor loss = quantile_huber_losses(doubles({0, 1}).view({1, 2}), doubles({0.5, 3}).view({1, 2}));
  EXPECT_NEAR(loss.item<double>(), 0.90625, 1e-12);
  // more samples than quantiles: the mean over them
  EXPECT_NEAR(
      quantile_huber_losses(doubles({0, 1}).view({1, 2}), doubles({0.5, 3, 0.5, 3}).view({1, 4})).item<double>(),
      0.90625, 1e-12);
}

TEST(QuantileHuberLosses, GradientByFiniteDifferences) {
  const at::Tensor target = at::randn({4, 6}, make_generator(1), at::kDouble) * 2;
  expect_gradient([&](const at::Tensor& x) { return quantile_huber_losses(x, target); },
                  at::randn({4, 5}, make_generator(2), at::kDouble));
}

// The fused pass over floats against torch's operators in double, also for sample counts that are no multiple of eight.
TEST(QuantileHuberLosses, FusedPassAgreesWithTorch) {
  for (const auto& [n, m] : {std::pair(1, 1), std::pair(3, 8), std::pair(25, 25), std::pair(8, 19)}) {
    const at::Tensor target = at::randn({5, m}, make_generator(1)) * 2;
    const at::Tensor theta = at::randn({5, n}, make_generator(2)).requires_grad_();
    const at::Tensor precise = theta.detach().to(at::kDouble).requires_grad_();
    const at::Tensor weights = at::arange(1, 6, at::kFloat);
    const at::Tensor losses = quantile_huber_losses(theta, target);
    const at::Tensor expected = quantile_huber_losses(precise, target.to(at::kDouble));
    EXPECT_TRUE(at::allclose(losses.to(at::kDouble), expected, 1e-5, 1e-6)) << n << " " << m;
    (losses * weights).sum().backward();
    (expected * weights).sum().backward();
    EXPECT_TRUE(at::allclose(theta.grad().to(at::kDouble), precise.grad(), 1e-5, 1e-6)) << n << " " << m;
  }
}

// Gradient descent over samples 0 … 99 takes three estimates to the quantiles 1/6, 1/2 and 5/6 (the rounded corner of
// the Huber loss shifts them by at most 1).
TEST(QuantileHuberLosses, MinimisersAreTheQuantiles) {
  const at::Tensor samples = at::arange(100, at::kDouble).view({1, 100});
  at::Tensor theta = at::full({1, 3}, 20.0, at::kDouble).requires_grad_();
  for (int k = 0; k < 4000; ++k) {
    theta.mutable_grad() = at::Tensor();
    quantile_huber_losses(theta, samples).sum().backward();
    theta = (theta - 0.5 * theta.grad()).detach().requires_grad_();
  }
  EXPECT_NEAR(theta[0][0].item<double>(), 100.0 / 6, 1.5);
  EXPECT_NEAR(theta[0][1].item<double>(), 50.0, 1.5);
  EXPECT_NEAR(theta[0][2].item<double>(), 500.0 / 6, 1.5);
}

}  // namespace
}  // namespace ludus::nn
