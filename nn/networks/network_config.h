// The network settings shared by all deep algorithms. This header does not include torch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// Base of the configurations of all deep algorithms; a setting added here is available in all of them.
struct NetworkConfig {
  std::vector<std::int64_t> hidden = {64, 64};
  Activation activation = Activation::kRelu;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, "widths of the hidden layers");
    visit("activation", self.activation, activation_help());
  }

  /// Throws InvalidArgument, naming `algorithm`, unless every width is positive.
  void check(std::string_view algorithm) const;

  /// Returns the options of an MLP with these settings; the network sets inputs and outputs.
  MlpOptions mlp() const { return {.hidden = hidden, .activation = activation}; }
};

/// Throws InvalidArgument, "ALGORITHM: NAME must hold positive widths, …", unless all widths are positive.
void check_widths(std::string_view algorithm, std::string_view name, const std::vector<std::int64_t>& widths);

}  // namespace ludus::nn
