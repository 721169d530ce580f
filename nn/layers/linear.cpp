#include "nn/layers/linear.h"

#include <ATen/ATen.h>

#include <cmath>

#include "base/error.h"
#include "base/fields.h"
#include "base/format.h"
#include "base/size_limit.h"

namespace ludus::nn {

Shape LinearOptions::output_shape(const Shape& input) const {
  if (input != Shape{inputs}) {
    throw InvalidArgument(
        formatted("linear layer: the input must have shape ({},), got {}", inputs, input.to_string()));
  }
  return Shape{outputs};
}

void LinearOptions::validate() const {
  check_field(inputs, at_least(1), "linear layer", "inputs");
  check_field(outputs, at_least(1), "linear layer", "outputs");
  check_field(gain, finite_number(), "linear layer", "gain");
}

Linear::Linear(const LinearOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  SizeLimit::require(sizeof(float) * static_cast<double>(options_.inputs) * static_cast<double>(options_.outputs));
  weight = register_parameter("weight", at::zeros({options_.outputs, options_.inputs}, at::kFloat));
  bias = register_parameter("bias", at::zeros({options_.outputs}, at::kFloat));
  init_layer(weight, bias, options_.initialisation, options_.gain, generator);
}

at::Tensor Linear::forward(const at::Tensor& input) const {
  return at::linear(input, weight, bias);
}

}  // namespace ludus::nn
