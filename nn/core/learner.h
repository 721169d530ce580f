// A network's parameters and the optimiser that moves them, and the target network that follows.
#pragma once

#include <optional>
#include <vector>

#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"

namespace ludus::nn {

class TrainableModule {
 public:
  // Moves `module` to `device`; it must outlive this object.
  TrainableModule(torch::nn::Module& module, const Device& device, const AdamOptions& options = {});

  // One step of Adam against the gradient of `loss`, a single number, with respect to these parameters alone: whatever
  // else the loss depends on (the critic that an actor is judged by) keeps its parameters and its gradients. A gradient
  // longer than `max_gradient_norm` is shortened to it. Returns the loss; throws WorkError, before the step, if it or
  // the gradient's length is not a finite number.
  double gradient_step(const at::Tensor& loss, std::optional<double> max_gradient_norm = {});

  FlatParameters parameters;
  Adam optimizer;

 private:
  std::vector<at::Tensor> leaves_;  // the module's own parameters
};

// The parameters of a target network: moved to `device`, and equal to those of `online`.
class TargetParameters : public FlatParameters {
 public:
  TargetParameters(torch::nn::Module& module, const Device& device, const TrainableModule& online);
};

}  // namespace ludus::nn
