#include "nn/layers/embedding.h"

namespace ludus::nn::layers {

void Embedding::check() const {
  check_range("vocabulary", vocabulary, 1);
  check_range("features", features, 1);
  if (padding_index) check_range("padding_index", *padding_index, 0, vocabulary - 1);
}

Shape Embedding::output_shape(Shapes inputs) const {
  std::vector<std::int64_t> extents(single(inputs).begin(), single(inputs).end());
  extents.push_back(features);
  return make_shape(extents);
}

std::vector<ParameterSpec> Embedding::parameters(Shapes) const {
  return {{.name = "weight",
           .shape = Shape{vocabulary, features},
           .initializer = weight_init,
           .fans = {.in = vocabulary, .out = features}}};
}

}  // namespace ludus::nn::layers
