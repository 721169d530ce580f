// Generalised state-dependent exploration: the noise is a linear function of the policy's last hidden layer z,
//
//   ε(s) = z(s)ᵀ Θ,   Θ_ij ~ N(0, σ_ij²),
//
// with Θ (m x k) fixed for many steps, so that equal states get equal noise and trajectories are smooth. In one state,
// ε_j is normal with variance Σ_i z_i² σ_ij² + 1e-6; the last term keeps the log-density finite.
//
// Source: A. Raffin, J. Kober and F. Stulp, "Smooth Exploration for Robotic Reinforcement Learning" (CoRL 2021,
// arXiv:2005.05719), section 3. Each formula has a differentiable form for tensors, for training, and a form for rows
// of floats, for inference.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>

namespace ludus::nn {

/// Returns log sqrt(Σ_i z_i² σ_ij² + 1e-6), (n x k). `latent`: z (n x m). `log_std`: log σ (m x k), or (m x 1) if all k
/// action dimensions share it; the result is then (n x 1), which broadcasts.
at::Tensor gsde_log_std(const at::Tensor& latent, const at::Tensor& log_std);

/// Returns Θ = σ ∘ noise. `log_std`: (m x k) or (m x 1); `noise`: standard normal, (… x m x k).
at::Tensor gsde_matrix(const at::Tensor& log_std, const at::Tensor& noise);

/// Returns ε = zᵀ Θ, (n x k). `latent`: (n x m); `matrix`: (m x k), one for all rows, or (n x m x k), one each.
at::Tensor gsde_noise(const at::Tensor& latent, const at::Tensor& matrix);

/// Dimensions for the functions on rows of floats.
struct GsdeSizes {
  std::size_t rows = 0;     // n
  std::size_t latents = 0;  // m
  std::size_t actions = 0;  // k
};

/// Writes sqrt(Σ_i z_i² σ_ij² + 1e-6) into `out` (n x k). `latent`: (n x m); `sigma`: (m x k), or (m) if shared.
void gsde_std(const GsdeSizes& sizes, std::span<const float> latent, std::span<const float> sigma,
              std::span<float> out);

/// noise ← σ ∘ noise, for any number of matrices (… x m x k). `sigma`: (m x k), or (m) if shared.
void gsde_scale_to_matrices(const GsdeSizes& sizes, std::span<const float> sigma, std::span<float> noise);

/// actions (n x k) ← actions + zᵀ Θ, with one matrix per row: `matrices` (n x m x k).
void gsde_add_noise(const GsdeSizes& sizes, std::span<const float> latent, std::span<const float> matrices,
                    std::span<float> actions);

}  // namespace ludus::nn
