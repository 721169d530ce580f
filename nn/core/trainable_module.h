// A module with its flat parameters and Adam optimiser, and the parameters of a target network.
#pragma once

#include "nn/core/gradient_step.h"

namespace ludus::nn {

class TrainableModule {
 public:
  /// Moves `module`, which must outlive this object, to `device`.
  TrainableModule(torch::nn::Module& module, const Device& device, const AdamOptions& options = {});

  /// Takes one step of Adam; see nn/core/gradient_step.h.
  double gradient_step(const at::Tensor& loss, const GradientStepOptions& options) {
    return nn::gradient_step(parameters, optimizer, loss, options);
  }
  double gradient_step(const at::Tensor& outputs, const at::Tensor& output_gradients, double loss,
                       const GradientStepOptions& options) {
    return nn::gradient_step(parameters, optimizer, outputs, output_gradients, loss, options);
  }

  FlatParameters parameters;
  Adam optimizer;
};

/// The parameters of a target network, moved to `device` and copied from `online`.
class TargetParameters : public FlatParameters {
 public:
  TargetParameters(torch::nn::Module& module, const Device& device, const TrainableModule& online);
};

}  // namespace ludus::nn
