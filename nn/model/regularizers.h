// Penalties on weights.
#pragma once

#include <ATen/core/Tensor.h>

namespace ludus::nn {

/// Returns l1 Σ |w| + l2 Σ w² / 2, a differentiable scalar (the scale of TensorFlow's l1_regularizer and
/// l2_regularizer).
at::Tensor weight_penalty(const at::Tensor& weight, double l1, double l2);

}  // namespace ludus::nn
