// The settings of a network that every deep algorithm has. This header does not include torch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nn/layers/mlp_options.h"

namespace ludus::nn {

/// Base of the configuration of every deep algorithm: a setting added here can be set for all of them.
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

  /// Returns the options of an MLP with these settings; its inputs and outputs are left for the network to set.
  MlpOptions mlp() const { return {.hidden = hidden, .activation = activation}; }
};

/// Throws InvalidArgument, "ALGORITHM: NAME must hold positive widths, …", unless all are.
void check_widths(std::string_view algorithm, std::string_view name, const std::vector<std::int64_t>& widths);

}  // namespace ludus::nn
