#include "nn/layers/dense.h"

namespace ludus::nn::layers {

void Dense::check() const {
  check_range("units", units, 1);
}

Shape Dense::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  if (input.rank() < 1) throw_input_shape("(…, features)", input);
  require_known("last extent", input[input.rank() - 1], input);
  std::vector<std::int64_t> extents(input.begin(), input.end());
  extents.back() = units;
  return make_shape(extents);
}

std::vector<ParameterSpec> Dense::parameters(Shapes inputs) const {
  const Shape& input = single(inputs);
  const Fans fans{.in = input[input.rank() - 1], .out = units};
  std::vector<ParameterSpec> specs{
      {.name = "weight", .shape = Shape{units, fans.in}, .initializer = weight_init, .fans = fans}};
  if (bias) specs.push_back({.name = "bias", .shape = Shape{units}, .initializer = bias_init, .fans = fans});
  return specs;
}

}  // namespace ludus::nn::layers
