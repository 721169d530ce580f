// A perceptron whose weights are noisy, by as much as it learns to be: exploration by the network itself.
//
// Source: M. Fortunato et al., "Noisy Networks for Exploration" (ICLR 2018, arXiv:1706.10295), factorised Gaussian noise.
#pragma once

#include "nn/layers/mlp.h"

namespace ludus::nn {

// Every layer, of p inputs and q outputs, has means and deviations of its weights:
//
//   y = activation((μ_W + σ_W ∘ f(ε_q) f(ε_p)ᵀ) x + μ_b + σ_b ∘ f(ε_q)),   f(ε) = sgn(ε) √|ε|                equations 9 to 11
//
// The means are an Mlp's parameters, by its names; the deviations are "deviations.0.weight" (q x p), "deviations.0.bias" (q),
// …, and begin as σ₀ / √p. Without noise the layers are those of the means.
class NoisyMlp : public Mlp {
 public:
  // Draws the means from `generator`, uniform in ±1/√p whatever the options say of initialisation. Throws InvalidArgument for
  // options that validate() refuses, and unless σ₀ is positive and finite.
  NoisyMlp(const MlpOptions& options, double sigma, at::Generator& generator);

  // Standard normal numbers that one draw of the noise takes: p + q for each layer.
  std::int64_t noise_size() const { return noise_size_; }

  // The noise of all calls from now on, of noise_size() standard normal numbers ε; an empty one takes it away. Nobody may act
  // at the same time. Throws InvalidArgument for another number of them.
  void set_noise(std::span<const float> normals);

 protected:
  at::TensorList weights(std::vector<at::Tensor>& room) const override;

 private:
  std::vector<at::Tensor> deviations_;  // of weight and bias of layer 0, of layer 1, …: the registered ones
  std::vector<at::Tensor> noise_;       // f(ε_p) and f(ε_q) of layer 0, of layer 1, …; none: the means alone
  std::int64_t noise_size_ = 0;
};

}  // namespace ludus::nn
