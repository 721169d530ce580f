#include "nn/layers/noisy_mlp.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nn/core/flat_parameters.h"
#include "nn/core/init.h"

namespace ludus::nn {
namespace {

NoisyMlp make_noisy(const MlpOptions& options, double sigma = 0.5) {
  at::Generator generator = make_generator(3);
  return NoisyMlp(options, sigma, generator);
}

// y = (μ_W + σ_W ∘ f(ε_q) f(ε_p)ᵀ) x + μ_b + σ_b ∘ f(ε_q), two inputs and one output:
//   μ_W = (1, 2), σ_W = (0.5, 0.25), μ_b = 3, σ_b = 2, ε_p = (4, −9), ε_q = −1:  f(ε_p) = (2, −3), f(ε_q) = −1
//   W = (1 − 0.5 · 2, 2 + 0.25 · 3) = (0, 2.75), b = 3 − 2 = 1;  x = (5, 2): y = 6.5; without noise 5 + 4 + 3 = 12
TEST(NoisyMlp, ByHand) {
  NoisyMlp mlp = make_noisy({.inputs = 2, .hidden = {}, .outputs = 1});
  {
    const at::NoGradGuard no_grad;
    mlp.named_parameters()["layers.0.weight"].copy_(at::tensor({1.0f, 2.0f}).view({1, 2}));
    mlp.named_parameters()["layers.0.bias"].fill_(3);
    mlp.named_parameters()["std.0.weight"].copy_(at::tensor({0.5f, 0.25f}).view({1, 2}));
    mlp.named_parameters()["std.0.bias"].fill_(2);
  }
  ASSERT_EQ(mlp.noise_size(), 3);
  const std::vector<float> normals{4, -9, -1}, x{5, 2};
  std::vector<float> y(1);
  mlp.act(x, 1, y);
  EXPECT_FLOAT_EQ(y[0], 12.0f);
  mlp.set_noise(normals);
  mlp.act(x, 1, y);
  EXPECT_FLOAT_EQ(y[0], 6.5f);
  const at::Tensor out = mlp.forward(at::tensor(x).view({1, 2}));
  EXPECT_FLOAT_EQ(out.item<float>(), 6.5f);

  // dy/dμ_W = x, dy/dσ_W = f(ε_q) f(ε_p) ∘ x = (−2 · 5, 3 · 2), dy/dσ_b = f(ε_q)
  out.backward();
  EXPECT_TRUE(at::allclose(mlp.named_parameters()["layers.0.weight"].grad(), at::tensor({5.0f, 2.0f}).view({1, 2})));
  EXPECT_TRUE(at::allclose(mlp.named_parameters()["std.0.weight"].grad(), at::tensor({-10.0f, 6.0f}).view({1, 2})));
  EXPECT_FLOAT_EQ(mlp.named_parameters()["std.0.bias"].grad().item<float>(), -1.0f);

  mlp.set_noise({});
  mlp.act(x, 1, y);
  EXPECT_FLOAT_EQ(y[0], 12.0f);
}

TEST(NoisyMlp, InitialisationIsThePapers) {
  NoisyMlp mlp = make_noisy({.inputs = 16, .hidden = {25}, .outputs = 3}, 0.4);
  const auto named = mlp.named_parameters();
  EXPECT_TRUE(at::allclose(named["std.0.weight"], at::full({25, 16}, 0.1f)));
  EXPECT_TRUE(at::allclose(named["std.0.bias"], at::full({25}, 0.1f)));
  EXPECT_TRUE(at::allclose(named["std.1.weight"], at::full({3, 25}, 0.08f)));
  EXPECT_LE(named["layers.0.weight"].abs().max().item<float>(), 0.25f);
  EXPECT_GT(named["layers.0.weight"].abs().max().item<float>(), 0.24f);
  EXPECT_EQ(mlp.noise_size(), 16 + 25 + 25 + 3);
}

// The standard deviations are parameters of the flat vector too, and different noise gives different outputs.
TEST(NoisyMlp, OutputsDependOnTheNoise) {
  NoisyMlp mlp = make_noisy({.inputs = 3, .hidden = {8}, .outputs = 2});
  const FlatParameters flat(mlp);
  EXPECT_EQ(flat.size(), 2 * (3 * 8 + 8 + 8 * 2 + 2));
  const at::Tensor x = at::ones({1, 3});
  const auto with_noise = [&](std::uint64_t seed) {
    std::vector<float> normals(static_cast<std::size_t>(mlp.noise_size()));
    at::from_blob(normals.data(), {mlp.noise_size()}).normal_(0, 1, make_generator(seed));
    mlp.set_noise(normals);
    return mlp.forward(x).detach();
  };
  const at::Tensor first = with_noise(1), second = with_noise(2);
  EXPECT_FALSE(at::allclose(first, second));
  EXPECT_TRUE(at::equal(with_noise(1), first));
}

TEST(NoisyMlp, RejectsInvalidSigmaAndNoise) {
  EXPECT_THROW(make_noisy({.inputs = 2, .hidden = {}, .outputs = 1}, 0), InvalidArgument);
  EXPECT_THROW(make_noisy({.inputs = 2, .hidden = {}, .outputs = 1}, std::numeric_limits<double>::quiet_NaN()),
               InvalidArgument);
  NoisyMlp mlp = make_noisy({.inputs = 2, .hidden = {}, .outputs = 1});
  EXPECT_THROW(mlp.set_noise(std::vector<float>(4)), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
