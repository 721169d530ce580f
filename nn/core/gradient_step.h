// One step of gradient descent, used for all agents and all other training.
#pragma once

#include <functional>
#include <optional>

#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"

namespace ludus::nn {

/// Called with the flat gradient (size,) after the backward pass, before it is checked, clipped and applied. May modify
/// it in place, for example by a data-parallel all-reduce.
using GradientHook = std::function<void(const at::Tensor& gradients)>;

struct GradientStepOptions {
  double learning_rate = 1e-3;
  std::optional<double> max_gradient_norm = {};  // the maximum Euclidean norm of the gradient; unset: no clipping
  GradientHook before_step = {};
};

/// Minimises `loss`, a scalar with an autograd graph: zeroes the gradients, runs the backward pass for these parameters
/// only (other leaves of the graph keep their gradients), calls the hook, clips, and steps the optimiser. Returns the
/// loss. Throws WorkError, before the parameters change, if the loss or the gradient norm is not finite, and
/// InvalidArgument if no parameter is trainable.
double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& loss,
                     const GradientStepOptions& options);

/// The same for a hand-written gradient: `output_gradients` is dL/d outputs for `outputs` that depend on the
/// parameters. `loss` is L, which is checked and returned.
double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& outputs,
                     const at::Tensor& output_gradients, double loss, const GradientStepOptions& options);

}  // namespace ludus::nn
