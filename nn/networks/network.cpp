#include "nn/networks/network.h"

#include <ATen/ATen.h>

#include "base/format.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

MlpOptions sized(const NetworkOptions& options) {
  MlpOptions mlp = options.mlp;
  mlp.inputs = options.features.outputs() + options.extra_inputs;
  return mlp;
}

}  // namespace

Network::Network(const NetworkOptions& options, at::Generator& generator) : extra_inputs_(options.extra_inputs) {
  features_ = register_module(
      "features", std::make_shared<FeatureExtractor>(options.features, options.mlp.initialisation, generator));
  mlp_ = register_module("mlp", std::make_shared<Mlp>(sized(options), generator));
}

at::Tensor Network::forward(const at::Tensor& rows) const {
  return mlp_->forward(features_->forward(rows));
}

at::Tensor Network::forward(const at::Tensor& rows, const at::Tensor& extra) const {
  return mlp_->forward(at::cat({features_->forward(rows), extra}, 1));
}

void Network::act(std::span<const float> rows, std::size_t n, std::span<float> out) const {
  if (extra_inputs_ > 0) throw InvalidArgument("network: act() needs a network without extra inputs");
  if (features_->options().is_plain()) return mlp_->act(rows, n, out);

  const std::size_t width = static_cast<std::size_t>(features_->options().row_size());
  const std::size_t outputs = static_cast<std::size_t>(mlp_->options().outputs);
  if (rows.size() != n * width || out.size() != n * outputs) {
    throw InvalidArgument(formatted("network: {} rows need {} inputs and {} outputs, got {} and {}", n, n * width,
                                    n * outputs, rows.size(), out.size()));
  }
  infer([this](const at::Tensor& input) { return forward(input); }, rows, n, mlp_->parameters().front().options(), out);
}

}  // namespace ludus::nn
