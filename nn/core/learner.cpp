#include "nn/core/learner.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <cmath>
#include <string>

namespace ludus::nn {

TrainableModule::TrainableModule(torch::nn::Module& module, const Device& device, const AdamOptions& options)
    : parameters(module), optimizer((parameters.to(device), parameters), options), leaves_(module.parameters()) {}

double TrainableModule::gradient_step(const at::Tensor& loss, std::optional<double> max_gradient_norm) {
  const auto require_finite = [&](double number, const char* what) {
    if (std::isfinite(number)) return;
    throw WorkError("the training diverged: after " + std::to_string(optimizer.steps()) + " gradient steps " + what +
                    " is no longer a finite number; lower learning_rate, or look for rewards or observations that are "
                    "not finite");
  };
  const double value = loss.item<double>();
  require_finite(value, "a loss");
  parameters.zero_gradients();
  loss.backward({}, /*retain_graph=*/{}, /*create_graph=*/false, at::TensorList(leaves_));
  if (max_gradient_norm) require_finite(parameters.clip_gradient_norm(*max_gradient_norm), "the length of a gradient");
  optimizer.step();
  return value;
}

TargetParameters::TargetParameters(torch::nn::Module& module, const Device& device, const TrainableModule& online)
    : FlatParameters(module) {
  to(device);
  copy_from(online.parameters);
}

}  // namespace ludus::nn
