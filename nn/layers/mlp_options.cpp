#include "nn/layers/mlp_options.h"

#include <array>
#include <cmath>
#include <string>

#include "base/text.h"

namespace ludus::nn {
namespace {

// in the order of the enumeration
constexpr std::array<std::string_view, 6> kActivations{"none", "relu", "leaky_relu", "elu", "tanh", "sigmoid"};

void check_width(const char* what, std::int64_t width) {
  if (width < 1) {
    throw InvalidArgument(std::string("a network's ") + what + " must be 1 or more, and here it is " +
                          std::to_string(width));
  }
}

void check_gain(const char* what, double gain) {
  if (!std::isfinite(gain)) {
    throw InvalidArgument(std::string("the gain of the ") + what + " must be a finite number");
  }
}

}  // namespace

std::string_view name_of(Activation activation) {
  return kActivations[static_cast<std::size_t>(activation)];
}

Activation activation_of(std::string_view name) {
  for (std::size_t i = 0; i < kActivations.size(); ++i) {
    if (kActivations[i] == name) return static_cast<Activation>(i);
  }
  const std::vector<std::string> known(kActivations.begin(), kActivations.end());
  throw InvalidArgument("no activation is called \"" + std::string(name) + "\"; known are " + joined(known) + "." +
                        did_you_mean(name, known));
}

void read_field(const Value& value, Activation& field) {
  field = activation_of(value.as_string());
}

Value show_field(Activation field) {
  return name_of(field);
}

void MlpOptions::validate() const {
  check_width("number of inputs", inputs);
  for (const std::int64_t width : hidden) check_width("hidden width", width);
  check_width("number of outputs", outputs);
  check_gain("hidden layers", hidden_gain);
  check_gain("last layer", output_gain);
}

}  // namespace ludus::nn
