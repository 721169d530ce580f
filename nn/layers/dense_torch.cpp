#include <ATen/ATen.h>

#include "nn/layers/dense.h"
#include "nn/layers/forward.h"

namespace ludus::nn::layers {

at::Tensor forward(const Dense& layer, const ForwardArguments& a) {
  const at::Tensor bias = layer.bias ? a.parameters[1] : at::Tensor();
  return activate(at::linear(a.x(), a.parameters[0], bias), layer.activation);
}

}  // namespace ludus::nn::layers
