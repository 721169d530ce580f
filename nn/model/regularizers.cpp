#include "nn/model/regularizers.h"

#include <ATen/ATen.h>

namespace ludus::nn {

at::Tensor weight_penalty(const at::Tensor& weight, double l1, double l2) {
  at::Tensor sum = at::zeros({}, weight.options().requires_grad(false));
  if (l1 != 0.0) sum = sum + l1 * weight.abs().sum();
  if (l2 != 0.0) sum = sum + 0.5 * l2 * weight.square().sum();
  return sum;
}

}  // namespace ludus::nn
