// What a multi-layer perceptron looks like. This header does not include torch, so that configurations can hold it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace ludus::nn {

// Functions applied to every output of a layer. Each one's derivative is a function of its output, which is all
// that the backward pass keeps.
enum class Activation : std::uint8_t {
  kNone,       // x
  kRelu,       // max(x, 0)
  kLeakyRelu,  // x > 0 ? x : 0.01 x
  kElu,        // x > 0 ? x : exp(x) - 1
  kTanh,       // tanh(x)
  kSigmoid,    // 1 / (1 + exp(-x))
};

// "none", "relu", "leaky_relu", "elu", "tanh", "sigmoid".
std::string_view name_of(Activation activation);

// The activation of that name; throws InvalidArgument, with a suggestion, for any other.
Activation activation_of(std::string_view name);

// An activation as a field of a configuration (base/fields.h): its name.
void read_field(const Value& value, Activation& field);
Value show_field(Activation field);

// How the weights begin.
enum class Initialisation : std::uint8_t {
  // weights and biases uniform in ±1/sqrt(inputs of the layer): torch.nn.Linear's own, Kaiming uniform with a = sqrt(5)
  kUniform,
  // weights orthogonal (Saxe et al. 2014, arXiv:1312.6120) times a gain, biases zero: the usual choice for PPO and A2C
  kOrthogonal,
};

struct MlpOptions {
  std::int64_t inputs = 0;                           // numbers in one row of the input
  std::vector<std::int64_t> hidden;                  // width of each hidden layer; none at all makes a linear map
  std::int64_t outputs = 0;                          // numbers in one row of the output
  Activation activation = Activation::kRelu;         // of the hidden layers
  Activation output_activation = Activation::kNone;  // of the last layer
  Initialisation initialisation = Initialisation::kUniform;
  double hidden_gain =
      1.4142135623730951;    // factor on orthogonal weights of the hidden layers: sqrt(2), for rectifiers
  double output_gain = 1.0;  // factor on orthogonal weights of the last layer
  bool fused = true;         // on the processor in float, run as one node; false: through torch's operators always

  // Throws InvalidArgument unless every width is positive and every gain finite.
  void validate() const;
};

}  // namespace ludus::nn
