// Action distributions parameterised by network outputs: the building blocks of stochastic policies.
//
// All are differentiable in their parameters. Noise is an argument, so that training is reproducible and resumes
// exactly. n is the number of rows, k the action dimension.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace ludus::nn {

/// Base class of the distributions of a policy π(a|s).
class Distribution {
 public:
  virtual ~Distribution() = default;
  virtual at::Tensor log_prob(const at::Tensor& actions) const = 0;  ///< log π(a|s): (n x k) to (n)
  virtual at::Tensor entropy() const = 0;                            ///< (n), in nats
  virtual at::Tensor mode() const = 0;                               ///< (n x k): the deterministic action
  /// Samples actions (n x k) from noise (n x k), which is uniform in [0, 1) for discrete actions and standard normal
  /// for continuous actions.
  virtual at::Tensor sample(const at::Tensor& noise) const = 0;
};

/// k independent choices, choice j with classes[j] classes (Discrete: k = 1; MultiDiscrete). Actions are class indices
/// from 0, as integers or floats.
class Categorical final : public Distribution {
 public:
  /// `logits`: (n x Σ classes), unnormalised log-probabilities, concatenated over the choices. `mask`: same shape, 0
  /// for forbidden classes, which get probability 0 (S. Huang and S. Ontañón, "A Closer Look at Invalid Action Masking
  /// in Policy Gradient Algorithms", 2022); an undefined mask allows all classes.
  Categorical(const at::Tensor& logits, const std::vector<std::int64_t>& classes, const at::Tensor& mask = {});

  at::Tensor log_prob(const at::Tensor& actions) const override;
  at::Tensor entropy() const override;
  at::Tensor mode() const override;
  at::Tensor sample(const at::Tensor& noise) const override;  ///< by inverting the cumulative distribution

 private:
  std::vector<at::Tensor> log_probabilities_;  // of each choice: (n x classes[j])
};

/// k independent binary actions (MultiBinary): 1 with probability 1 / (1 + exp(-logit)).
class Bernoulli final : public Distribution {
 public:
  explicit Bernoulli(at::Tensor logits) : logits_(std::move(logits)) {}  // (n x k)

  at::Tensor log_prob(const at::Tensor& actions) const override;
  at::Tensor entropy() const override;
  at::Tensor mode() const override;
  at::Tensor sample(const at::Tensor& noise) const override;

 private:
  at::Tensor logits_;
};

/// k independent normal distributions.
class DiagonalGaussian final : public Distribution {
 public:
  /// `mean`: (n x k); `log_std`, log σ: any shape that broadcasts to it, such as (k) if it is independent of the state.
  DiagonalGaussian(at::Tensor mean, at::Tensor log_std);

  at::Tensor log_prob(const at::Tensor& actions) const override;
  at::Tensor entropy() const override;
  at::Tensor mode() const override { return mean_; }
  at::Tensor sample(const at::Tensor& noise) const override;

 private:
  at::Tensor mean_;
  at::Tensor log_std_;
};

/// a = tanh(u) with normal u, for actions in (-1, 1), as in SAC (T. Haarnoja et al. 2018, arXiv:1801.01290, appendix
/// C). The entropy has no closed form.
class SquashedGaussian {
 public:
  SquashedGaussian(at::Tensor mean, at::Tensor log_std);  ///< of u, as DiagonalGaussian

  struct Sample {
    at::Tensor action;    // (n x k)
    at::Tensor log_prob;  // (n)
  };
  /// Samples with the reparameterisation trick: differentiable through the action, and exact even where tanh rounds to
  /// 1 in float.
  Sample sample(const at::Tensor& noise) const;
  /// Samples u = mean + ε, with ε from gsde_noise() (nn/core/gsde.h).
  Sample sample_offset(const at::Tensor& offset) const;
  /// Evaluates actions by u = artanh(a), with a clamped to the float next to ±1.
  at::Tensor log_prob(const at::Tensor& actions) const;
  at::Tensor mode() const;  ///< tanh of the mean, by convention

 private:
  at::Tensor log_prob_of_unsquashed(const at::Tensor& u) const;

  DiagonalGaussian normal_;
};

}  // namespace ludus::nn
