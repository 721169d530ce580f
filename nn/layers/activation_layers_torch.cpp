#include <ATen/ATen.h>

#include "nn/layers/activation_layers.h"
#include "nn/layers/forward.h"

namespace ludus::nn::layers {
namespace {

// The axis of a batch for the axis of an example.
std::int64_t batch_axis(std::int64_t axis) {
  return axis < 0 ? axis : axis + 1;
}

}  // namespace

at::Tensor forward(const ActivationLayer& layer, const ForwardArguments& a) {
  return activate(a.x(), layer.function);
}

at::Tensor forward(const LeakyRelu& layer, const ForwardArguments& a) {
  return at::leaky_relu(a.x(), layer.slope);
}

at::Tensor forward(const Prelu&, const ForwardArguments& a) {
  return at::prelu(a.x(), a.parameters[0]);
}

at::Tensor forward(const Softmax& layer, const ForwardArguments& a) {
  return at::softmax(a.x(), batch_axis(layer.axis));
}

at::Tensor forward(const LogSoftmax& layer, const ForwardArguments& a) {
  return at::log_softmax(a.x(), batch_axis(layer.axis));
}

}  // namespace ludus::nn::layers
