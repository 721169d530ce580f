// Recurrent layers of a description: GRU and LSTM. This header does not include torch.
#pragma once

#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// The settings that both recurrent layers share.
struct RecurrentSettings {
  std::int64_t units = 0;
  std::int64_t layers = 1;
  bool bidirectional = false;
  bool bias = true;
  bool return_sequence = false;
  Initializer weight_init = {};
  Initializer bias_init = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("units", self.units, "size of the hidden state");
    visit("layers", self.layers, "number of layers on top of each other");
    visit("bidirectional", self.bidirectional, "also read the sequence backwards, and concatenate both");
    visit("bias", self.bias, "whether there are biases");
    visit("return_sequence", self.return_sequence, "return every output, not only the last hidden state");
    visit("weight_init", self.weight_init, "initialiser of the weights; fan_in is the number of units");
    visit("bias_init", self.bias_init, "initialiser of the biases");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;

  friend bool operator==(const RecurrentSettings&, const RecurrentSettings&) = default;

 protected:
  std::vector<ParameterSpec> gates(Shapes inputs, std::int64_t count) const;
};

/// A GRU (Cho et al. 2014, arXiv:1406.1078, in torch's form) over (time, features), from a hidden state of 0: to (time,
/// units) with `return_sequence`, else to the last hidden state (units); twice the units if bidirectional. Parameters:
/// "weight_ih_l0" (3 units x features), "weight_hh_l0" (3 units x units), "bias_ih_l0", "bias_hh_l0" (3 units), and so
/// on with "_l1" for the next layer and "_l0_reverse" for the other direction, as in torch.nn.GRU.
struct Gru : RecurrentSettings {
  static constexpr std::string_view kKind = "gru";
  std::vector<ParameterSpec> parameters(Shapes inputs) const { return gates(inputs, 3); }
};

/// An LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000), otherwise as Gru; 4 units in the place of 3, as in
/// torch.nn.LSTM.
struct Lstm : RecurrentSettings {
  static constexpr std::string_view kKind = "lstm";
  std::vector<ParameterSpec> parameters(Shapes inputs) const { return gates(inputs, 4); }
};

at::Tensor forward(const Gru& layer, const ForwardArguments& arguments);
at::Tensor forward(const Lstm& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
