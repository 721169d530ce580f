#include "nn/core/trainable_module.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

namespace ludus::nn {

TrainableModule::TrainableModule(torch::nn::Module& module, const Device& device, const AdamOptions& options)
    : parameters(module), optimizer((parameters.to(device), parameters), options) {}

TargetParameters::TargetParameters(torch::nn::Module& module, const Device& device, const TrainableModule& online)
    : FlatParameters(module) {
  to(device);
  copy_from(online.parameters);
}

}  // namespace ludus::nn
