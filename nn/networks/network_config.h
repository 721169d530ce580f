// The network settings shared by all deep algorithms. This header does not include torch.
#pragma once

#include <cstdint>
#include <vector>

#include "base/range.h"
#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// Base of the configurations of all deep algorithms; a setting added here is available in all of them.
struct NetworkConfig {
  std::vector<std::int64_t> hidden = {64, 64};
  Activation activation = Activation::kRelu;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, at_least(1), "widths of the hidden layers");
    visit("activation", self.activation, one_of(kActivationNames), "activation of the hidden layers");
  }

  /// Returns the options of an MLP with these settings; the network sets inputs and outputs.
  MlpOptions mlp() const { return {.hidden = hidden, .activation = activation}; }
};

}  // namespace ludus::nn
