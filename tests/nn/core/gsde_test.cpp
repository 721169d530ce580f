#include "nn/core/gsde.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

std::span<const float> floats(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

// The rows of floats give what the tensors give, for a σ of its own for each action and for a shared one.
TEST(Gsde, RowsOfFloatsEqualTensors) {
  constexpr std::int64_t n = 3, m = 5, k = 2;
  at::Generator generator = make_generator(1);
  const at::Tensor latent = at::empty({n, m}).normal_(0, 1, generator);
  const GsdeSizes sizes{.rows = n, .latents = m, .actions = k};
  for (const std::int64_t columns : {k, std::int64_t{1}}) {
    const at::Tensor log_std = at::empty({m, columns}).normal_(-1, 0.5, generator), sigma = log_std.exp();
    std::vector<float> stds(n * k);
    gsde_std(sizes, floats(latent), floats(sigma), stds);
    const at::Tensor expected = gsde_log_std(latent, log_std).exp().expand({n, k}).contiguous();
    EXPECT_TRUE(at::allclose(at::tensor(stds).view({n, k}), expected, 1e-5, 1e-7));

    const at::Tensor noise = at::empty({n, m, k}).normal_(0, 1, generator);
    const at::Tensor matrices = gsde_matrix(log_std, noise);
    std::vector<float> scaled(floats(noise).begin(), floats(noise).end());
    gsde_scale_to_matrices(sizes, floats(sigma), scaled);
    EXPECT_TRUE(at::allclose(at::tensor(scaled).view({n, m, k}), matrices));

    std::vector<float> actions(n * k, 0.5f);
    gsde_add_noise(sizes, floats(latent), scaled, actions);
    EXPECT_TRUE(at::allclose(at::tensor(actions).view({n, k}), gsde_noise(latent, matrices) + 0.5, 1e-5, 1e-6));
  }
}

TEST(Gsde, StdIsPositiveWhereAllLatentsAreZero) {
  std::vector<float> stds(2);
  const std::vector<float> latent(3, 0.0f), sigma(6, 1.0f);
  gsde_std({.rows = 1, .latents = 3, .actions = 2}, latent, sigma, stds);
  EXPECT_FLOAT_EQ(stds[0], 1e-3f);
  EXPECT_FLOAT_EQ(stds[1], 1e-3f);
}

}  // namespace
}  // namespace ludus::nn
