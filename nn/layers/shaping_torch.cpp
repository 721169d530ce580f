#include <ATen/ATen.h>

#include "nn/layers/forward.h"
#include "nn/layers/shaping.h"

namespace ludus::nn::layers {

at::Tensor forward(const Flatten&, const ForwardArguments& a) {
  // not flatten(), which keeps an example without axes as it is
  return a.x().reshape({a.x().size(0), a.x().numel() / std::max<std::int64_t>(a.x().size(0), 1)});
}

at::Tensor forward(const Reshape& layer, const ForwardArguments& a) {
  std::vector<std::int64_t> sizes{a.x().size(0)};
  sizes.insert(sizes.end(), layer.shape.begin(), layer.shape.end());
  return a.x().reshape(sizes);
}

at::Tensor forward(const Pad& layer, const ForwardArguments& a) {
  std::vector<std::int64_t> sizes;  // of the last axis first
  for (std::size_t d = layer.before.size(); d-- > 0;) sizes.insert(sizes.end(), {layer.before[d], layer.after[d]});
  return at::constant_pad_nd(a.x(), sizes, layer.value);
}

at::Tensor forward(const Concatenate& layer, const ForwardArguments& a) {
  return at::cat(std::vector<at::Tensor>(a.inputs.begin(), a.inputs.end()),
                 layer.axis < 0 ? layer.axis : layer.axis + 1);
}

at::Tensor forward(const Add&, const ForwardArguments& a) {
  at::Tensor sum = a.inputs[0] + a.inputs[1];
  for (const at::Tensor& input : a.inputs.subspan(2)) sum = sum + input;
  return sum;
}

at::Tensor forward(const Multiply&, const ForwardArguments& a) {
  at::Tensor product = a.inputs[0] * a.inputs[1];
  for (const at::Tensor& input : a.inputs.subspan(2)) product = product * input;
  return product;
}

}  // namespace ludus::nn::layers
