#include "nn/layers/activation_layers.h"

namespace ludus::nn::layers {

void LeakyRelu::check() const {
  check_range("slope", slope, -1e6, 1e6);
}

Shape Prelu::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  if (per_channel) {
    if (input.rank() < 1) throw_input_shape("(channels, …)", input);
    require_known("number of channels", input[0], input);
  }
  return input;
}

std::vector<ParameterSpec> Prelu::parameters(Shapes inputs) const {
  return {{.name = "weight", .shape = Shape{per_channel ? single(inputs)[0] : 1}, .initializer = weight_init}};
}

Shape Softmax::output_shape(Shapes inputs) const {
  axis_of(axis, single(inputs));
  return single(inputs);
}

Shape LogSoftmax::output_shape(Shapes inputs) const {
  axis_of(axis, single(inputs));
  return single(inputs);
}

}  // namespace ludus::nn::layers
