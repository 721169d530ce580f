// The dropout layer of a description. This header does not include torch.
#pragma once

#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// Sets each element to 0 with probability `rate` in training and scales the others by 1 / (1 - rate) (Srivastava et
/// al. 2014). In inference it does nothing.
struct Dropout {
  static constexpr std::string_view kKind = "dropout";

  double rate = 0.5;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("rate", self.rate, "probability of dropping an element, in [0, 1)");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const { return single(inputs); }
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Dropout&, const Dropout&) = default;
};

at::Tensor forward(const Dropout& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
