// Optimiser steps over flat vectors on the CPU, without torch: single passes over the arrays. Every kernel is also
// compiled for AVX2 and gives the same bits on every x86-64 CPU.
#pragma once

#include <cstddef>
#include <span>

namespace ludus::nn {

/// The coefficients of Adam step t, counted from 1.
struct AdamCoefficients {
  float beta1;                   // decay rate of the first moment
  float beta2;                   // decay rate of the second moment
  float step_size;               // α / (1 - β1^t)
  float second_correction_root;  // sqrt(1 - β2^t)
  float epsilon;
  float weight_decay;
};

/// One step of Adam (Kingma and Ba 2015, algorithm 1) with weight decay as an L2 penalty (torch.optim.Adam):
///   g ← g + λ θ;  m ← β1 m + (1 - β1) g;  v ← β2 v + (1 - β2) g²
///   θ ← θ - α/(1 - β1^t) · m / (sqrt(v)/sqrt(1 - β2^t) + ε)
/// All spans have the length of `values`.
void adam_step(std::span<float> values, std::span<const float> gradients, std::span<float> first_moment,
               std::span<float> second_moment, const AdamCoefficients& coefficients);

struct SgdCoefficients {
  float learning_rate;
  float momentum;
  float weight_decay;
  bool nesterov;
};

/// One step of torch.optim.SGD without dampening:
///   g ← g + λ θ;  b ← μ b + g;  θ ← θ - α b, or with Nesterov momentum θ ← θ - α (g + μ b)
/// `velocity` (b) may be empty if the momentum is 0.
void sgd_step(std::span<float> values, std::span<const float> gradients, std::span<float> velocity,
              const SgdCoefficients& coefficients);

struct RmsPropCoefficients {
  float learning_rate;
  float alpha;
  float epsilon;
  float weight_decay;
  float momentum = 0.0f;
};

/// One step of RMSprop (Hinton's lecture 6e) as in torch.optim.RMSprop:
///   g ← g + λ θ;  s ← α s + (1 - α) g²;  θ ← θ - lr · g / (sqrt(s) + ε)
/// With a velocity b: b ← μ b + g / (sqrt(s) + ε), θ ← θ - lr · b. With a mean a of the gradients (centred):
/// a ← α a + (1 - α) g, and s - a² takes the place of s under the root. Both spans may be empty.
void rmsprop_step(std::span<float> values, std::span<const float> gradients, std::span<float> square_average,
                  const RmsPropCoefficients& coefficients, std::span<float> velocity = {},
                  std::span<float> gradient_average = {});

struct AdagradCoefficients {
  float learning_rate;  // of this step
  float epsilon;
  float weight_decay;
};

/// One step of torch.optim.Adagrad:
///   g ← g + λ θ;  s ← s + g²;  θ ← θ - lr · g / (sqrt(s) + ε)
void adagrad_step(std::span<float> values, std::span<const float> gradients, std::span<float> square_sum,
                  const AdagradCoefficients& coefficients);

/// Returns Σ x², summed in double.
double sum_of_squares(std::span<const float> values);

/// x ← factor x
void scale(std::span<float> values, float factor);

}  // namespace ludus::nn
