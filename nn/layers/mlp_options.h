// Options of an MLP. This header does not include torch, so that configurations can hold them.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/core/initialisation.h"
#include "nn/layers/activation.h"

namespace ludus::nn {

struct MlpOptions {
  std::int64_t inputs = 0;                           // input features
  std::vector<std::int64_t> hidden = {};             // width of each hidden layer; empty: a single linear layer
  std::int64_t outputs = 0;                          // output features
  Activation activation = Activation::kRelu;         // of the hidden layers
  Activation output_activation = Activation::kNone;  // of the last layer
  Initialisation initialisation = Initialisation::kUniform;
  double hidden_gain = 1.4142135623730951;  // of orthogonal weights in hidden layers: sqrt(2), for ReLU
  double output_gain = 1.0;                 // of orthogonal weights in the last layer
  bool fused = true;  // on the CPU in float, run as one autograd node; false: always use torch's operators

  /// Throws InvalidArgument unless every width is positive and every gain finite.
  void validate() const;
};

}  // namespace ludus::nn
