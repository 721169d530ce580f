// Return distributions estimated by a network: probabilities of fixed values, or quantiles.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ludus::nn {

/// The support of a categorical distribution: K values from `low` to `high` with equal spacing Δz, z_i = low + i Δz.
/// M. G. Bellemare, W. Dabney and R. Munos, "A Distributional Perspective on Reinforcement Learning" (ICML 2017,
/// arXiv:1707.06887), section 4.
class ValueSupport {
 public:
  /// Takes the device and type of `like`. Throws InvalidArgument unless low < high and there are at least two atoms.
  ValueSupport(double low, double high, std::int64_t atoms, const at::TensorOptions& like);

  const at::Tensor& values() const { return values_; }  ///< z: (K)

  /// Returns Σ_i z_i p_i for p = softmax(logits) over the last dimension: (… x K) to (…).
  at::Tensor expectation(const at::Tensor& logits) const;

  /// Projects the distribution of r + γ Z onto the support:
  ///   m_i = Σ_j [1 − |clip(r + γ z_j, low, high) − z_i| / Δz]₀¹ p_j                     equation 7, by algorithm 1
  /// for probabilities p (n x K) of Z, rewards r (n), and factors γ (n), which are 0 after termination.
  at::Tensor project(const at::Tensor& probabilities, const at::Tensor& rewards, const at::Tensor& factors) const;

 private:
  double low_, high_, spacing_;
  at::Tensor values_;
};

/// Returns −Σ_i m_i log p_i for p = softmax(logits), the cross entropy of each row: logits (n x K), m (n x K), result
/// (n). It equals the Kullback-Leibler divergence of m from p plus the entropy of m, a constant.
at::Tensor cross_entropies(const at::Tensor& logits, const at::Tensor& target);

/// Returns the loss (n) Σ_i mean_j ρ_i(y_j − θ_i), with ρ_i(u) = |τ_i − 1{u < 0}| H(u), and H(u) = u² / 2 for |u| ≤ 1,
/// else |u| − ½, for estimates θ (n x N) of the quantiles at τ_i = (i + ½) / N, i = 0, …, N − 1, and a sample y (n x M)
/// per row. W. Dabney et al., "Distributional Reinforcement Learning with Quantile Regression" (AAAI 2018,
/// arXiv:1710.10044), equation 10 and algorithm 1, with κ = 1. Float tensors on the CPU with constant y use one pass
/// that can be differentiated once (nn/core/quantile_kernels.h); all others use torch's operators.
at::Tensor quantile_huber_losses(const at::Tensor& quantiles, const at::Tensor& target);

}  // namespace ludus::nn
