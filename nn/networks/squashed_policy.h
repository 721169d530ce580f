// Stochastic policies over actions in [-1, 1]: the tanh of a normal variable whose mean and deviation networks give.
//
// Noise is passed in, so that a training repeats and resumes exactly. n is the number of rows, k of numbers in an action.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <span>
#include <vector>

#include "nn/core/distributions.h"
#include "nn/core/gsde.h"
#include "nn/networks/network.h"

namespace ludus::nn {

class SquashedPolicy : public torch::nn::Module {
 public:
  // The sizes of the standard normal noise that sample() takes for n rows.
  virtual std::vector<std::int64_t> noise_sizes(std::int64_t n) const = 0;

  // Actions and their log-probabilities, differentiable, for rows (n x row_size).
  virtual SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const = 0;

  // Actions (n x k) for plain rows of the processor's memory, without autograd: tanh of the mean, or with standard normal
  // `noise` (n x k) of mean + σ noise. May be called by one thread at a time.
  virtual void act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
                   std::span<float> actions) = 0;
};

// Mean and log σ are two halves of one network's output.
class GaussianPolicy final : public SquashedPolicy {
 public:
  // `options`: all but the outputs. Throws InvalidArgument.
  GaussianPolicy(NetworkOptions options, std::int64_t actions, at::Generator& generator);

  std::vector<std::int64_t> noise_sizes(std::int64_t n) const override { return {n, actions_}; }
  SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const override;
  void act(std::span<const float> rows, std::size_t n, std::span<const float> noise, std::span<float> actions) override;

 private:
  std::int64_t actions_;
  std::shared_ptr<Network> network_;
  std::vector<float> heads_;  // memory of act()
};

// Generalised state-dependent exploration (see distributions.h): u = mean(z) + zᵀ Θ with z the last hidden layer's m
// outputs and Θ_ij ~ N(0, σ_ij²), σ learnt and the same in all states.
class GsdePolicy final : public SquashedPolicy {
 public:
  // `options`: all but the outputs, with one hidden layer at least; `log_std`: log σ_ij at first. Throws InvalidArgument.
  GsdePolicy(NetworkOptions options, std::int64_t actions, double log_std, at::Generator& generator);

  // One Θ for all rows: (m x k).
  std::vector<std::int64_t> noise_sizes(std::int64_t) const override { return {latent_size_, actions_}; }
  SquashedGaussian::Sample sample(const at::Tensor& rows, const at::Tensor& noise) const override;

  // Draws from π(·|s), as if Θ were another for every row.
  void act(std::span<const float> rows, std::size_t n, std::span<const float> noise, std::span<float> actions) override;

  // Row i acts by its own Θ_i of `matrices` (n x m x k).
  void act_with_exploration(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
                    std::span<float> actions);
  std::size_t matrix_size() const { return static_cast<std::size_t>(latent_size_ * actions_); }
  // Θ = σ ∘ noise, in place, for any number of matrices.
  void scale_to_matrices(std::span<float> noise) const;

 private:
  void look(std::span<const float> rows, std::size_t n, std::span<float> means);  // leaves z in latent_
  std::vector<float> deviations() const;                                          // σ: (m x k)
  GsdeSizes gsde_sizes(std::size_t n) const;

  std::int64_t actions_;
  std::int64_t latent_size_;  // m
  std::shared_ptr<Network> body_;
  std::shared_ptr<Mlp> mean_;
  at::Tensor log_std_;         // (m x k)
  std::vector<float> latent_;  // (n x m), memory of act()
};

}  // namespace ludus::nn
