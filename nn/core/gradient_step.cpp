#include "nn/core/gradient_step.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string_view>

#include "base/format.h"
#include "base/interruption.h"

namespace ludus::nn {
namespace {

void require_finite(double number, std::string_view quantity, const Optimizer& optimizer) {
  if (std::isfinite(number)) return;
  throw WorkError(
      formatted("training diverged: the {} is {} after {} gradient steps; lower learning_rate, or check rewards, "
                "observations and inputs for values that are not finite",
                quantity, number, optimizer.steps()));
}

// The common part of all steps; `backward` adds dL/dθ to the zeroed gradients.
template <class Backward>
double step_along(FlatParameters& parameters, Optimizer& optimizer, double loss, const GradientStepOptions& options,
                  Backward backward) {
  InterruptionScope::poll();
  require_finite(loss, "loss", optimizer);
  if (parameters.leaves().empty()) {
    throw InvalidArgument("gradient step: at least one parameter must be trainable, got none; unfreeze some");
  }
  parameters.zero_gradients();
  backward();
  if (options.before_step) options.before_step(parameters.gradients());
  const double norm = options.max_gradient_norm ? parameters.clip_gradient_norm(*options.max_gradient_norm)
                                                : parameters.gradient_norm();
  require_finite(norm, "gradient norm", optimizer);
  optimizer.set_learning_rate(options.learning_rate);
  optimizer.step();
  return loss;
}

}  // namespace

double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& loss,
                     const GradientStepOptions& options) {
  return step_along(parameters, optimizer, loss.item<double>(), options, [&] {
    loss.backward({}, /*retain_graph=*/{}, /*create_graph=*/false, at::TensorList(parameters.leaves()));
  });
}

double gradient_step(FlatParameters& parameters, Optimizer& optimizer, const at::Tensor& outputs,
                     const at::Tensor& output_gradients, double loss, const GradientStepOptions& options) {
  return step_along(parameters, optimizer, loss, options, [&] {
    outputs.backward(output_gradients, /*retain_graph=*/{}, /*create_graph=*/false,
                     at::TensorList(parameters.leaves()));
  });
}

}  // namespace ludus::nn
