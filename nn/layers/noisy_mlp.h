// An MLP with noisy weights for exploration; the scale of the noise is learned.
//
// Source: M. Fortunato et al., "Noisy Networks for Exploration" (ICLR 2018, arXiv:1706.10295), factorised Gaussian
// noise.
#pragma once

#include "nn/layers/mlp.h"

namespace ludus::nn {

/// An MLP with a mean μ and a standard deviation σ for every weight. A layer with p inputs and q outputs computes
///
///   y = activation((μ_W + σ_W ∘ f(ε_q) f(ε_p)ᵀ) x + μ_b + σ_b ∘ f(ε_q)),   f(ε) = sgn(ε) √|ε|     equations 9 to 11
///
/// The means are the parameters of Mlp, with the same names. The standard deviations are "std.0.weight" (q x p),
/// "std.0.bias" (q), "std.1.weight", …, initialised to σ₀ / √p. Without noise the weights equal the means.
class NoisyMlp : public Mlp {
 public:
  /// Initialises the means with `generator`, uniform in ±1/√p whatever `options.initialisation` is. `sigma` is σ₀.
  /// Throws InvalidArgument for options that validate() rejects, and unless σ₀ is positive and finite.
  NoisyMlp(const MlpOptions& options, double sigma, at::Generator& generator);

  /// Returns the number of standard normal numbers per sample of the noise: p + q for each layer.
  std::int64_t noise_size() const { return noise_size_; }

  /// Sets the noise for subsequent calls from noise_size() standard normal numbers ε; an empty span removes it. Must
  /// not run concurrently with act(). Throws InvalidArgument for another count.
  void set_noise(std::span<const float> normals);

 protected:
  at::TensorList weights(std::vector<at::Tensor>& storage) const override;

 private:
  std::vector<at::Tensor> std_;    // σ of weight and bias of layer 0, of layer 1, …
  std::vector<at::Tensor> noise_;  // f(ε_p) and f(ε_q) of layer 0, of layer 1, …; empty: no noise
  std::int64_t noise_size_ = 0;
};

}  // namespace ludus::nn
