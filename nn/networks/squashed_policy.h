// Stochastic policies for actions in [-1, 1]: the tanh of a normal variable with parameters from a network.
//
// Noise is an argument, so that training is reproducible and resumes exactly. n is the number of rows, k the action
// dimension.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <span>
#include <vector>

#include "nn/core/distributions.h"
#include "nn/core/gsde.h"
#include "nn/networks/network.h"

namespace ludus::nn {

/// Bound of the mean before tanh with state-dependent exploration; beyond it, tanh has no gradient (Stable-Baselines3).
/// A power of two, so that scaling by it is exact.
inline constexpr float kLargestGsdeMean = 2;

/// Base class of the policies of SAC.
class SquashedPolicy : public torch::nn::Module {
 public:
  /// Returns the shape of the standard normal noise that sample() requires for n rows.
  virtual std::vector<std::int64_t> noise_sizes(std::int64_t n) const = 0;

  /// Samples actions and their log-probabilities for rows (n x row_size); differentiable.
  virtual SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const = 0;

  /// Writes actions (n x k) for rows in host memory, without autograd: tanh(mean), or with standard normal `noise` (n x
  /// k), tanh(mean + σ noise). Thread-safe.
  virtual void act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
                   std::span<float> actions) const = 0;
};

/// A network with two outputs per action dimension, mean and log σ.
class GaussianPolicy final : public SquashedPolicy {
 public:
  /// `options.mlp.outputs` is ignored. Throws InvalidArgument.
  GaussianPolicy(NetworkOptions options, std::int64_t actions, at::Generator& generator);

  std::vector<std::int64_t> noise_sizes(std::int64_t n) const override { return {n, actions_}; }
  SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const override;
  void act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
           std::span<float> actions) const override;

 private:
  std::int64_t actions_;
  std::shared_ptr<Network> network_;
};

/// Generalised state-dependent exploration (see nn/core/gsde.h): u = mean(z) + zᵀ Θ, with the m outputs z of the last
/// hidden layer and Θ_ij ~ N(0, σ_ij²); σ is learned and independent of the state.
class GsdePolicy final : public SquashedPolicy {
 public:
  /// `options.mlp.outputs` is ignored, and at least one hidden layer is required. `log_std`: initial log σ_ij. Throws
  /// InvalidArgument.
  GsdePolicy(NetworkOptions options, std::int64_t actions, double log_std, at::Generator& generator);

  /// Exploration with one Θ (m x k) for all rows.
  std::vector<std::int64_t> noise_sizes(std::int64_t) const override { return {latent_size_, actions_}; }
  SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const override;

  /// Samples from π(·|s), with an independent Θ for every row.
  void act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
           std::span<float> actions) const override;

  /// Writes tanh(mean + zᵀ Θ_i), with matrix Θ_i of `matrices` (n x m x k) for row i.
  void act_with_exploration(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
                            std::span<float> actions) const;
  std::size_t matrix_size() const { return static_cast<std::size_t>(latent_size_ * actions_); }
  /// Θ = σ ∘ noise, in place, for any number of matrices (m x k).
  void scale_to_matrices(std::span<float> noise) const;

 private:
  // Writes the means of u and returns z (n x m), valid until the next call of this thread.
  std::span<const float> infer(std::span<const float> rows, std::size_t n, std::span<float> means) const;
  std::vector<float> sigma() const;  // σ: (m x k)
  GsdeSizes gsde_sizes(std::size_t n) const;

  std::int64_t actions_;
  std::int64_t latent_size_;  // m
  std::shared_ptr<Network> body_;
  std::shared_ptr<Mlp> mean_;
  at::Tensor log_std_;  // (m x k)
};

}  // namespace ludus::nn
