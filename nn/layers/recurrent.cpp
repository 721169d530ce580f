#include "nn/layers/recurrent.h"

#include "base/format.h"

namespace ludus::nn::layers {

void RecurrentSettings::check() const {
  check_range("units", units, 1);
  check_range("layers", layers, 1, 1000);
}

Shape RecurrentSettings::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  if (input.rank() != 2) throw_input_shape("(time, features)", input);
  require_known("number of features", input[1], input);
  const std::int64_t width = bidirectional ? 2 * units : units;
  return return_sequence ? Shape{input[0], width} : Shape{width};
}

std::vector<ParameterSpec> RecurrentSettings::gates(Shapes inputs, std::int64_t count) const {
  const Fans fans{.in = units, .out = units};
  std::vector<ParameterSpec> specs;
  std::int64_t features = single(inputs)[1];
  for (std::int64_t l = 0; l < layers; ++l) {
    for (int direction = 0; direction < (bidirectional ? 2 : 1); ++direction) {
      const std::string suffix = formatted("_l{}{}", l, direction == 1 ? "_reverse" : "");
      const auto add = [&](const char* name, const Shape& shape, const Initializer& initializer) {
        specs.push_back({.name = name + suffix, .shape = shape, .initializer = initializer, .fans = fans});
      };
      add("weight_ih", Shape{count * units, features}, weight_init);
      add("weight_hh", Shape{count * units, units}, weight_init);
      if (!bias) continue;
      add("bias_ih", Shape{count * units}, bias_init);
      add("bias_hh", Shape{count * units}, bias_init);
    }
    features = bidirectional ? 2 * units : units;
  }
  return specs;
}

}  // namespace ludus::nn::layers
