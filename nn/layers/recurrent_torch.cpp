#include <ATen/ATen.h>

#include "nn/layers/forward.h"
#include "nn/layers/recurrent.h"

namespace ludus::nn::layers {
namespace {

at::Tensor first_state(const RecurrentSettings& layer, const at::Tensor& x) {
  return at::zeros({layer.layers * (layer.bidirectional ? 2 : 1), x.size(0), layer.units},
                   x.options().requires_grad(false));
}

// `output` is (batch x time x width), `hidden` (layers · directions x batch x units) after the last step
at::Tensor result_of(const RecurrentSettings& layer, const at::Tensor& output, const at::Tensor& hidden) {
  if (layer.return_sequence) return output;
  const at::Tensor last = hidden[-1];
  return layer.bidirectional ? at::cat({hidden[-2], last}, 1) : last;
}

}  // namespace

at::Tensor forward(const Gru& layer, const ForwardArguments& a) {
  const std::vector<at::Tensor> parameters(a.parameters.begin(), a.parameters.end());
  const auto [output, hidden] = at::gru(a.x(), first_state(layer, a.x()), parameters, layer.bias, layer.layers,
                                        /*dropout=*/0.0, a.training(), layer.bidirectional, /*batch_first=*/true);
  return result_of(layer, output, hidden);
}

at::Tensor forward(const Lstm& layer, const ForwardArguments& a) {
  const std::vector<at::Tensor> parameters(a.parameters.begin(), a.parameters.end());
  const at::Tensor zeros = first_state(layer, a.x());
  const auto [output, hidden, cell] =
      at::lstm(a.x(), {zeros, zeros}, parameters, layer.bias, layer.layers, /*dropout=*/0.0, a.training(),
               layer.bidirectional, /*batch_first=*/true);
  return result_of(layer, output, hidden);
}

}  // namespace ludus::nn::layers
