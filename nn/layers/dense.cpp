#include "nn/layers/dense.h"

#include "nn/layers/shape_parts.h"

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
  return weight_and_bias(*this, Shape{units, fans.in}, units, fans);
}

}  // namespace ludus::nn::layers
