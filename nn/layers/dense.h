// The dense (fully connected, linear) layer of a description. This header does not include torch.
#pragma once

#include "nn/layers/activation.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// y = activation(x Wᵀ + b) over the last axis: (…, inputs) to (…, units). Parameters: "weight" (units x inputs) and
/// "bias" (units), as in torch.nn.Linear.
struct Dense {
  static constexpr std::string_view kKind = "dense";

  std::int64_t units = 0;
  bool bias = true;
  Activation activation = Activation::kNone;
  Initializer weight_init = {};
  Initializer bias_init = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("units", self.units, "number of outputs");
    visit("bias", self.bias, "whether there is a bias");
    visit("activation", self.activation, one_of(kActivationNames), "function of each output");
    visit("weight_init", self.weight_init, "initialiser of the weight");
    visit("bias_init", self.bias_init, "initialiser of the bias");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const Dense&, const Dense&) = default;
};

at::Tensor forward(const Dense& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
