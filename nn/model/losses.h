// Losses of a network's outputs, from logits where a probability is meant.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "nn/model/loss_options.h"

namespace ludus::nn {

/// Returns the mean loss of a batch, a scalar, differentiable in `outputs` (batch x …).
///
///   cross_entropy         outputs (batch x classes x …); targets either classes, int64 (batch x …), or probabilities
///                         of the shape of the outputs
///   hinge                 targets -1 or 1 of the shape of the outputs, or classes, int64 (batch), of outputs (batch x
///                         classes)
///   kl_divergence         targets probabilities (batch x classes x …)
///   the others            targets of the shape of the outputs; 0 to 1 for binary_cross_entropy
///
/// The loss of an example is the mean over its elements (positions, labels). `example_weights` (batch), 0 or more,
/// weight the mean over examples: Σ w l / Σ w. Class weights of cross_entropy with classes weight it likewise, as in
/// torch; elsewhere they multiply the loss. Throws ShapeMismatch for shapes that do not fit (nothing is broadcast), and
/// InvalidArgument for options that check() rejects and, on the CPU, for targets out of range.
at::Tensor compute_loss(const LossOptions& options, const at::Tensor& outputs, const at::Tensor& targets,
                        const at::Tensor& example_weights = {});

/// Returns Σ weight · loss over the outputs of a network. Throws as compute_loss() does, naming the output by its
/// index, and InvalidArgument unless the three counts are equal.
at::Tensor total_loss(std::span<const LossOptions> options, std::span<const at::Tensor> outputs,
                      std::span<const at::Tensor> targets, const at::Tensor& example_weights = {});

}  // namespace ludus::nn
