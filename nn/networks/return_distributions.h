// Distributions of returns, as a network estimates them: by probabilities of fixed values, or by their quantiles.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ludus::nn {

// K values from `low` to `high` at equal distances Δz, on which a categorical distribution lies: z_i = low + i Δz.
// M. G. Bellemare, W. Dabney and R. Munos, "A Distributional Perspective on Reinforcement Learning" (ICML 2017,
// arXiv:1707.06887), section 4.
class ValueSupport {
 public:
  // On the device and in the type of `like`. Throws InvalidArgument unless low < high and there are two atoms at least.
  ValueSupport(double low, double high, std::int64_t atoms, const at::TensorOptions& like);

  const at::Tensor& values() const { return values_; }  // z: (K)

  // Σ_i z_i p_i for p = softmax(logits) over the last extent: (… x K) to (…).
  at::Tensor expectation(const at::Tensor& logits) const;

  // The distribution of r + γ Z, brought back to the support:
  //   m_i = Σ_j [1 − |clip(r + γ z_j, low, high) − z_i| / Δz]₀¹ p_j                     equation 7, by algorithm 1
  // for probabilities p (n x K) of what follows, rewards (n), and factors γ of what follows (n), 0 where nothing does.
  at::Tensor project(const at::Tensor& probabilities, const at::Tensor& rewards, const at::Tensor& factors) const;

 private:
  double low_, high_, spacing_;
  at::Tensor values_;
};

// −Σ_i m_i log p_i for p = softmax(logits), a cross entropy for each row: logits (n x K), m (n x K), (n). It differs from
// the Kullback-Leibler divergence of m from p by the entropy of m, a constant.
at::Tensor cross_entropies(const at::Tensor& logits, const at::Tensor& target);

// Σ_i mean_j ρ_i(y_j − θ_i), ρ_i(u) = |τ_i − 1{u < 0}| H(u), H(u) = u² / 2 for |u| ≤ 1, else |u| − ½: how far estimates θ
// (n x N) of the quantiles at τ_i = (i + ½) / N, i = 0, …, N − 1, are from a sample y (n x M), for each row: (n).
// W. Dabney et al., "Distributional Reinforcement Learning with Quantile Regression" (AAAI 2018, arXiv:1710.10044),
// equation 10 and algorithm 1, with κ = 1. Where all is float on the processor and y a constant it is one pass and can be
// differentiated once (nn/core/quantile_kernels.h); else torch's operators.
at::Tensor quantile_huber_losses(const at::Tensor& quantiles, const at::Tensor& target);

}  // namespace ludus::nn
