#include "nn/core/distributions.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "nn/core/gsde.h"
#include "nn/core/init.h"

namespace ludus::nn {
namespace {

at::Tensor row(std::vector<float> numbers) {
  const auto width = static_cast<std::int64_t>(numbers.size());
  return at::tensor(numbers).view({1, width});
}

// (1 x width), in double: for differences
at::Tensor exact_row(std::vector<double> numbers) {
  const auto width = static_cast<std::int64_t>(numbers.size());
  return at::tensor(numbers, at::kDouble).view({1, width});
}

double number(const at::Tensor& tensor) {
  return tensor.item<double>();
}

// dL/dparameter by central differences against what backward() gives; `loss` maps the parameter to a scalar.
template <class Loss>
void expect_gradient(const at::Tensor& parameter, Loss&& loss) {
  const at::Tensor variable = parameter.clone().requires_grad_(true);
  loss(variable).backward();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < parameter.numel(); ++i) {
    at::Tensor up = parameter.clone(), down = parameter.clone();
    up.view({-1})[i] += kStep;
    down.view({-1})[i] -= kStep;
    const double slope = (number(loss(up)) - number(loss(down))) / (2 * kStep);
    EXPECT_NEAR(number(variable.grad().view({-1})[i]), slope, 1e-7 * (1 + std::abs(slope))) << "parameter " << i;
  }
}

// ∫ f over [low, high] by the midpoint rule
template <class Function>
double integral(double low, double high, std::int64_t steps, Function&& f) {
  const double width = (high - low) / static_cast<double>(steps);
  const at::Tensor points = (at::arange(steps, at::kDouble) + 0.5) * width + low;
  return number(f(points.view({steps, 1})).sum()) * width;
}

// logits log 1, log 2, log 5: p = 1/8, 2/8, 5/8;  H = ⅛ log 8 + ¼ log 4 + ⅝ log 1.6
TEST(Categorical, ByHand) {
  const Categorical choice(row({0.0f, std::log(2.0f), std::log(5.0f)}), {3});
  for (const auto& [action, p] : {std::pair{0.0f, 0.125}, {1.0f, 0.25}, {2.0f, 0.625}}) {
    EXPECT_NEAR(number(choice.log_prob(row({action}))), std::log(p), 1e-6);
  }
  EXPECT_NEAR(number(choice.entropy()), 0.125 * std::log(8) + 0.25 * std::log(4) + 0.625 * std::log(1.6), 1e-6);
  EXPECT_EQ(number(choice.mode()), 2);

  // the cumulative distribution is ⅛, ⅜, 1: a noise on a boundary belongs to the next class
  for (const auto& [noise, action] :
       {std::pair{0.0f, 0}, {0.12f, 0}, {0.13f, 1}, {0.37f, 1}, {0.38f, 2}, {0.999f, 2}}) {
    EXPECT_EQ(number(choice.sample(row({noise}))), action) << noise;
  }
}

TEST(Categorical, ForbiddenClassesHaveNoProbabilityAndNoGradient) {
  // of 1 : 2 : 5 the 5 is forbidden: ⅓, ⅔
  const at::Tensor logits = row({0.0f, std::log(2.0f), std::log(5.0f)}).requires_grad_(true);
  const at::Tensor mask = at::tensor({1, 1, 0}, at::kByte).view({1, 3});
  const Categorical choice(logits, {3}, mask);
  EXPECT_NEAR(number(choice.log_prob(row({0}))), -std::log(3), 1e-6);
  EXPECT_NEAR(number(choice.entropy()), std::log(3) / 3 + 2 * std::log(1.5) / 3, 1e-6);
  EXPECT_EQ(number(choice.mode()), 1);
  EXPECT_EQ(number(choice.sample(row({0.999999f}))), 1);
  (choice.log_prob(row({0})) + choice.entropy()).backward();
  EXPECT_EQ(logits.grad()[0][2].item<float>(), 0);
  EXPECT_TRUE(std::isfinite(logits.grad()[0][0].item<float>()));
  EXPECT_NE(logits.grad()[0][0].item<float>(), 0);
}

TEST(Categorical, SeveralChoicesAreIndependent) {
  // 1 : 3 and 1 : 1 : 2
  const Categorical choices(row({0.0f, std::log(3.0f), 0.0f, 0.0f, std::log(2.0f)}), {2, 3});
  EXPECT_NEAR(number(choices.log_prob(row({1, 2}))), std::log(0.75 * 0.5), 1e-6);
  double sum = 0, entropy = 0;
  for (const float a : {0.0f, 1.0f}) {
    for (const float b : {0.0f, 1.0f, 2.0f}) {
      const double log_p = number(choices.log_prob(row({a, b})));
      sum += std::exp(log_p);
      entropy -= std::exp(log_p) * log_p;
    }
  }
  EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_NEAR(number(choices.entropy()), entropy, 1e-6);
  EXPECT_TRUE(at::equal(choices.mode(), at::tensor({1, 2}, at::kLong).view({1, 2})));
  EXPECT_TRUE(at::equal(choices.sample(row({0.2f, 0.3f})), at::tensor({0, 1}, at::kLong).view({1, 2})));
  EXPECT_THROW(Categorical(row({0, 0}), {3}), InvalidArgument);
}

TEST(Bernoulli, ByHand) {
  // p = ¾ and ½: H = H(¾) + log 2
  const Bernoulli switches(row({std::log(3.0f), 0.0f}));
  EXPECT_NEAR(number(switches.log_prob(row({1, 0}))), std::log(0.375), 1e-6);
  EXPECT_NEAR(number(switches.log_prob(row({0, 1}))), std::log(0.125), 1e-6);
  EXPECT_NEAR(number(switches.entropy()), 0.25 * std::log(4) - 0.75 * std::log(0.75) + std::log(2), 1e-6);
  EXPECT_TRUE(at::equal(switches.mode(), at::tensor({1, 0}, at::kLong).view({1, 2})));
  EXPECT_TRUE(at::equal(switches.sample(row({0.74f, 0.51f})), at::tensor({1, 0}, at::kLong).view({1, 2})));
}

TEST(DiagonalGaussian, ByHandAndByIntegration) {
  // N(1, 2²) at 3: −½ − log 2 − ½ log 2π;  the second number N(0, 1) at 0: −½ log 2π
  const DiagonalGaussian normal(row({1, 0}), at::tensor({std::log(2.0f), 0.0f}));
  const double log_two_pi = std::log(2 * std::numbers::pi);
  EXPECT_NEAR(number(normal.log_prob(row({3, 0}))), -0.5 - std::log(2) - log_two_pi, 1e-5);
  EXPECT_NEAR(number(normal.entropy()), 1 + log_two_pi + std::log(2), 1e-5);
  EXPECT_TRUE(at::allclose(normal.sample(row({1, -1})), row({3, -1})));
  EXPECT_TRUE(at::equal(normal.mode(), row({1, 0})));

  const auto one = [](const at::Tensor& points) {
    return DiagonalGaussian(at::full_like(points, 1.0), at::full({1}, std::log(2.0), at::kDouble)).log_prob(points);
  };
  EXPECT_NEAR(integral(-25, 25, 10000, [&](const at::Tensor& x) { return one(x).exp(); }), 1, 1e-9);
  EXPECT_NEAR(integral(-25, 25, 10000, [&](const at::Tensor& x) { return -one(x).exp() * one(x); }),
              0.5 + 0.5 * log_two_pi + std::log(2), 1e-9);
}

TEST(SquashedGaussian, DensityIntegratesToOneAndSamplesAgreeWithIt) {
  const auto squashed = [](std::int64_t n) {
    return SquashedGaussian(at::full({n, 1}, 0.4, at::kDouble), at::full({1}, -0.3, at::kDouble));
  };
  EXPECT_NEAR(integral(-1, 1, 200000, [&](const at::Tensor& a) { return squashed(a.size(0)).log_prob(a).exp(); }), 1,
              1e-6);

  // u = 0.4 + e^{−0.3} · 0.5: the density of u divided by 1 − a²
  const double u = 0.4 + std::exp(-0.3) * 0.5, a = std::tanh(u);
  const auto [action, log_prob] = squashed(1).sample(exact_row({0.5}));
  EXPECT_NEAR(number(action), a, 1e-12);
  const double expected = -0.125 + 0.3 - 0.5 * std::log(2 * std::numbers::pi) - std::log(1 - a * a);
  EXPECT_NEAR(number(log_prob), expected, 1e-12);
  EXPECT_NEAR(number(squashed(1).log_prob(action)), expected, 1e-9);
  const auto [same, same_log_prob] = squashed(1).sample_offset(exact_row({std::exp(-0.3) * 0.5}));
  EXPECT_NEAR(number(same), a, 1e-12);
  EXPECT_NEAR(number(same_log_prob), expected, 1e-12);
  EXPECT_NEAR(number(squashed(1).mode()), std::tanh(0.4), 1e-12);
}

// In float tanh(20) is 1: log(1 − a²) would be −∞. There log(1 − tanh²(u)) → 2 log 2 − 2u.
TEST(SquashedGaussian, StaysExactWhereTanhIsOne) {
  const SquashedGaussian squashed(row({20}), row({0}));
  const auto [action, log_prob] = squashed.sample(row({0}));
  EXPECT_EQ(number(action), 1);
  EXPECT_NEAR(number(log_prob), -0.5 * std::log(2 * std::numbers::pi) - 2 * std::numbers::ln2 + 40, 1e-4);
  EXPECT_TRUE(std::isfinite(number(squashed.log_prob(row({1})))));
}

// z = (3, 4), σ = (2, 1) for the first number and (1, ½) for the second: variances 36 + 16 and 9 + 4
TEST(StateDependentExploration, ByHand) {
  const at::Tensor latent = row({3, 4});
  const at::Tensor log_sigma = at::tensor({2.0f, 1.0f, 1.0f, 0.5f}).view({2, 2}).log();
  const at::Tensor std = gsde_log_std(latent, log_sigma).exp();
  EXPECT_NEAR(number(std[0][0]), std::sqrt(52.0), 1e-5);
  EXPECT_NEAR(number(std[0][1]), std::sqrt(13.0), 1e-5);

  // Θ = σ ∘ (1, −1; 2, 0) = (2, −1; 2, 0):  ε = (3·2 + 4·2, −3)
  const at::Tensor matrix = gsde_matrix(log_sigma, at::tensor({1.0f, -1.0f, 2.0f, 0.0f}).view({2, 2}));
  EXPECT_TRUE(at::allclose(gsde_noise(latent, matrix), row({14, -3})));

  // a matrix for each of two rows
  const at::Tensor two = at::cat({latent, latent * 2}), matrices = at::stack({matrix, matrix * 10});
  const at::Tensor expected = at::cat({row({14, -3}), row({280, -60})});
  EXPECT_TRUE(at::allclose(gsde_noise(two, matrices), expected));

  // one σ shared by all action dimensions
  const at::Tensor shared = at::tensor({2.0f, 1.0f}).view({2, 1}).log();
  EXPECT_NEAR(number(gsde_log_std(latent, shared).exp()), std::sqrt(52.0), 1e-5);
  const DiagonalGaussian normal(row({0, 0}), gsde_log_std(latent, shared));
  const double each = std::log(std::sqrt(52.0)) + 0.5 * std::log(2 * std::numbers::pi);
  EXPECT_NEAR(number(normal.log_prob(row({0, 0}))), -2 * each, 1e-5);
  EXPECT_NEAR(number(normal.entropy()), 1 + 2 * each, 1e-5);
}

// The noise of many matrices in one state has the standard deviation of the density.
TEST(StateDependentExploration, NoiseHasTheStdOfItsDensity) {
  const at::Tensor latent = row({3, 4}), log_sigma = at::tensor({2.0f, 1.0f, 1.0f, 0.5f}).view({2, 2}).log();
  constexpr std::int64_t kDraws = 20000;
  const at::Tensor noise = at::empty({kDraws, 2, 2}).normal_(0, 1, make_generator(3));
  const at::Tensor drawn = gsde_noise(latent.expand({kDraws, 2}), gsde_matrix(log_sigma, noise));
  // the standard error of a std of n normal samples is σ / sqrt(2n): 0.5 %
  EXPECT_NEAR(number(drawn.select(1, 0).std()) / std::sqrt(52.0), 1, 0.02);
  EXPECT_NEAR(number(drawn.select(1, 1).std()) / std::sqrt(13.0), 1, 0.02);
  EXPECT_NEAR(number(drawn.mean()) / std::sqrt(52.0), 0, 0.03);
}

TEST(Distributions, GradientsAreThoseOfFiniteDifferences) {
  const at::Tensor logits = exact_row({0.3, -0.7, 1.1, 0.2, 0.5});
  const at::Tensor mask = at::tensor({1, 0, 1, 1, 1}, at::kByte).view({1, 5});
  expect_gradient(logits, [&](const at::Tensor& x) {
    const Categorical choice(x, {3, 2}, mask);
    return choice.log_prob(exact_row({2, 0})).sum() + 0.5 * choice.entropy().sum();
  });
  expect_gradient(logits, [&](const at::Tensor& x) {
    const Bernoulli switches(x);
    return switches.log_prob(exact_row({1, 0, 0, 1, 1})).sum() + 0.5 * switches.entropy().sum();
  });
  const at::Tensor parameters = exact_row({0.3, -0.7, 0.2, -0.4});  // two means, two log σ
  expect_gradient(parameters, [&](const at::Tensor& x) {
    const DiagonalGaussian normal(x.narrow(1, 0, 2), x.narrow(1, 2, 2));
    return normal.log_prob(exact_row({0.9, 0.1})).sum() + 0.5 * normal.entropy().sum();
  });
  expect_gradient(parameters, [&](const at::Tensor& x) {
    const SquashedGaussian squashed(x.narrow(1, 0, 2), x.narrow(1, 2, 2));
    const auto [action, log_prob] = squashed.sample(exact_row({0.6, -1.2}));
    return (action * action).sum() + log_prob.sum();
  });
  const at::Tensor sigma = exact_row({0.1, -0.2, 0.3, 0.4});
  expect_gradient(sigma, [&](const at::Tensor& x) {
    return gsde_log_std(exact_row({0.5, -0.8}), x.view({2, 2})).sum();
  });
}

}  // namespace
}  // namespace ludus::nn
