#include <ATen/ATen.h>

#include "nn/layers/forward.h"
#include "nn/layers/normalization.h"

namespace ludus::nn::layers {
namespace {

at::Tensor affine_parameter(bool affine, const ForwardArguments& a, std::size_t index) {
  return affine ? a.parameters[index] : at::Tensor();
}

}  // namespace

at::Tensor forward(const BatchNorm& layer, const ForwardArguments& a) {
  const std::size_t buffers = layer.affine ? 2 : 0;
  const at::Tensor &mean = a.parameters[buffers], &variance = a.parameters[buffers + 1];
  if (a.training()) a.parameters[buffers + 2].add_(1);
  return at::batch_norm(a.x(), affine_parameter(layer.affine, a, 0), affine_parameter(layer.affine, a, 1), mean,
                        variance, a.training(), layer.momentum, layer.epsilon, /*cudnn_enabled=*/true);
}

at::Tensor forward(const LayerNorm& layer, const ForwardArguments& a) {
  const at::IntArrayRef axes = a.x().sizes().slice(static_cast<std::size_t>(a.x().dim() - layer.dimensions));
  return at::layer_norm(a.x(), axes, affine_parameter(layer.affine, a, 0), affine_parameter(layer.affine, a, 1),
                        layer.epsilon);
}

at::Tensor forward(const GroupNorm& layer, const ForwardArguments& a) {
  return at::group_norm(a.x(), layer.groups, affine_parameter(layer.affine, a, 0), affine_parameter(layer.affine, a, 1),
                        layer.epsilon);
}

at::Tensor forward(const Affine& layer, const ForwardArguments& a) {
  at::Tensor y = layer.scale ? a.x() * a.parameters[0] : a.x();
  if (layer.bias) y = y + a.parameters[layer.scale ? 1 : 0];
  return y;
}

}  // namespace ludus::nn::layers
