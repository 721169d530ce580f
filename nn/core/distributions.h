// Distributions over actions whose parameters a network gives: what stochastic policies are made of.
//
// All are differentiable in their parameters. None draws by itself: whoever samples passes the noise in, so that a
// training repeats and resumes exactly. n is the number of rows, k of numbers in an action.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace ludus::nn {

class Distribution {
 public:
  virtual ~Distribution() = default;
  virtual at::Tensor log_prob(const at::Tensor& actions) const = 0;  // log π(a|s): (n x k) to (n)
  virtual at::Tensor entropy() const = 0;                            // (n), in nats
  virtual at::Tensor mode() const = 0;                               // (n x k): the most probable action
  // (n x k), from noise of (n x k): uniform in [0, 1) for actions that are counted, standard normal for real ones.
  virtual at::Tensor sample(const at::Tensor& noise) const = 0;
};

// k independent choices, choice j one of classes[j] (Discrete: k = 1; MultiDiscrete). Actions are their indices from
// 0, as integers or as floats.
class Categorical final : public Distribution {
 public:
  // `logits`: (n x Σ classes), the log-probabilities up to a constant, one choice after another. `mask`: of the same
  // shape, 0 where a class is forbidden, which then has probability 0 (S. Huang and S. Ontañón, "A Closer Look at
  // Invalid Action Masking in Policy Gradient Algorithms", 2022); undefined: all are allowed.
  Categorical(const at::Tensor& logits, const std::vector<std::int64_t>& classes, const at::Tensor& mask = {});

  at::Tensor log_prob(const at::Tensor& actions) const override;
  at::Tensor entropy() const override;
  at::Tensor mode() const override;
  at::Tensor sample(const at::Tensor& noise) const override;  // by inverting the cumulative distribution

 private:
  std::vector<at::Tensor> log_probabilities_;  // of each choice: (n x classes[j])
};

// k independent switches (MultiBinary): 1 with probability 1 / (1 + exp(-logit)).
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

// k independent normal numbers.
class DiagonalGaussian final : public Distribution {
 public:
  // `mean`: (n x k); `log_deviation`, log σ: any shape that broadcasts to it, (k) if it does not depend on the state.
  DiagonalGaussian(at::Tensor mean, at::Tensor log_deviation);

  at::Tensor log_prob(const at::Tensor& actions) const override;
  at::Tensor entropy() const override;
  at::Tensor mode() const override { return mean_; }
  at::Tensor sample(const at::Tensor& noise) const override;

 private:
  at::Tensor mean_;
  at::Tensor log_deviation_;
};

// a = tanh(u) with u normal: actions within (-1, 1), for SAC (T. Haarnoja et al. 2018, arXiv:1801.01290, appendix C).
// Its entropy has no closed form.
class SquashedGaussian {
 public:
  SquashedGaussian(at::Tensor mean, at::Tensor log_deviation);  // of u, as above

  struct Sample {
    at::Tensor action;    // (n x k)
    at::Tensor log_prob;  // (n)
  };
  // Differentiable in the parameters through the action (reparameterised), and exact also where tanh is 1 in float.
  Sample sample(const at::Tensor& noise) const;
  // The same for noise that is the whole deviation from the mean, ε in u = mean + ε, as gsde_noise() (nn/core/gsde.h) gives it.
  Sample sample_offset(const at::Tensor& offset) const;
  // Of actions from anywhere, through u = artanh(a), with a kept a float's breadth from ±1.
  at::Tensor log_prob(const at::Tensor& actions) const;
  at::Tensor mode() const;  // tanh of the mean, by convention

 private:
  at::Tensor log_prob_of_unsquashed(const at::Tensor& u) const;

  DiagonalGaussian normal_;
};

}  // namespace ludus::nn
