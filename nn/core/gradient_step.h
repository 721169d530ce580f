// One step of gradient descent: the only place where a loss moves parameters, for agents and for all other training.
#pragma once

#include <functional>
#include <optional>

#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"

namespace ludus::nn {

/// Called with the flat gradient (size,) after the backward pass, before it is checked, clipped and applied; may change
/// it in place. A data-parallel all-reduce stands here.
using GradientHook = std::function<void(const at::Tensor& gradients)>;

struct GradientStepOptions {
  double learning_rate = 1e-3;
  std::optional<double> max_gradient_norm =
      {};  // the gradient is scaled down to this Euclidean norm; none: no clipping
  GradientHook before_step = {};
};

/// Minimises `loss`, a single number with a graph: zeroes the gradients, runs the backward pass for these parameters
/// alone (whatever else the loss depends on keeps its gradients), calls the hook, clips, and steps the optimiser.
/// Returns the loss. Throws WorkError, before the parameters change, if the loss or the gradient's norm is not finite.
double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& loss,
                     const GradientStepOptions& options);

/// The same without a graph of the loss: `output_gradients` is dL/d outputs, written by hand, of `outputs` that depend
/// on the parameters. `loss`: L, for the check and as the result.
double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& outputs,
                     const at::Tensor& output_gradients, double loss, const GradientStepOptions& options);

}  // namespace ludus::nn
