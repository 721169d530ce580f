// The linear (fully connected, dense) layer.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>

#include "base/array.h"
#include "nn/core/init.h"

namespace ludus::nn {

struct LinearOptions {
  std::int64_t inputs = 0;   // in_features
  std::int64_t outputs = 0;  // out_features
  Initialisation initialisation = Initialisation::kUniform;
  double gain = 1.0;  // of the initialisation, see init_layer()

  /// Returns the shape of the output, without the batch; throws InvalidArgument unless `input` is (inputs).
  Shape output_shape(const Shape& input) const;

  /// Throws InvalidArgument unless the sizes are positive and the gain is finite.
  void validate() const;
};

/// y = x Wᵀ + b. The parameters are "weight" (outputs x inputs) and "bias" (outputs), as in torch.nn.Linear.
class Linear : public torch::nn::Module {
 public:
  /// Initialises the weight, then the bias, with `generator`. Throws InvalidArgument for options that validate()
  /// rejects.
  Linear(const LinearOptions& options, at::Generator& generator);

  const LinearOptions& options() const { return options_; }

  /// Maps (… x inputs) to (… x outputs), differentiable.
  at::Tensor forward(const at::Tensor& input) const;

  at::Tensor weight;
  at::Tensor bias;

 private:
  LinearOptions options_;
};

}  // namespace ludus::nn
