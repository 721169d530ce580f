#include "nn/core/gsde.h"

#include <ATen/ATen.h>

#include <cmath>

namespace ludus::nn {
namespace {

constexpr double kMinVariance = 1e-6;  // keeps the logarithm finite where all latents are zero

}  // namespace

at::Tensor gsde_log_std(const at::Tensor& latent, const at::Tensor& log_std) {
  const at::Tensor variance = at::mm(latent.square(), (2.0 * log_std).exp());
  return 0.5 * (variance + kMinVariance).log();
}

at::Tensor gsde_matrix(const at::Tensor& log_std, const at::Tensor& noise) {
  return log_std.exp() * noise;
}

at::Tensor gsde_noise(const at::Tensor& latent, const at::Tensor& matrix) {
  if (matrix.dim() == 2) return at::mm(latent, matrix);
  return at::bmm(latent.unsqueeze(1), matrix).squeeze(1);
}

void gsde_std(const GsdeSizes& sizes, std::span<const float> latent, std::span<const float> sigma,
              std::span<float> out) {
  const auto [n, m, k] = sizes;
  const std::size_t columns = sigma.size() / m;  // k, or 1 if shared
  for (std::size_t a = 0; a < n * k; ++a) {
    double variance = kMinVariance;
    for (std::size_t i = 0; i < m; ++i) {
      const double z = static_cast<double>(latent[a / k * m + i]);
      const double s = static_cast<double>(sigma[i * columns + (columns == 1 ? 0 : a % k)]);
      variance += z * z * s * s;
    }
    out[a] = static_cast<float>(std::sqrt(variance));
  }
}

void gsde_scale_to_matrices(const GsdeSizes& sizes, std::span<const float> sigma, std::span<float> noise) {
  const std::size_t repeats =
      sigma.size() == sizes.latents ? sizes.actions : 1;  // a shared σ repeats along the actions
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] *= sigma[i / repeats % sigma.size()];
}

void gsde_add_noise(const GsdeSizes& sizes, std::span<const float> latent, std::span<const float> matrices,
                    std::span<float> actions) {
  const auto [n, m, k] = sizes;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t j = 0; j < k; ++j) {
      float& action = actions[row * k + j];
      for (std::size_t i = 0; i < m; ++i) action += latent[row * m + i] * matrices[(row * m + i) * k + j];
    }
  }
}

}  // namespace ludus::nn
