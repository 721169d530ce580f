#include "nn/layers/noisy_mlp.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "base/fields.h"
#include "base/format.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/linear.h"

namespace ludus::nn {
namespace {

MlpOptions with_uniform_means(MlpOptions options) {
  options.initialisation = Initialisation::kUniform;
  return options;
}

// f(ε) = sgn(ε) √|ε|
at::Tensor scaled_noise(const at::Tensor& normals) {
  return normals.sign() * normals.abs().sqrt();
}

}  // namespace

NoisyMlp::NoisyMlp(const MlpOptions& options, double sigma, at::Generator& generator)
    : Mlp(with_uniform_means(options), generator) {
  check_field(sigma, above(0), "noisy mlp", "sigma");
  const auto list = register_module("std", std::make_shared<torch::nn::Module>());
  for (std::size_t i = 0; i < layer_parameters().size(); i += 2) {
    const at::Tensor& mean = layer_parameters()[i];  // (q x p)
    const std::int64_t p = mean.size(1), q = mean.size(0);
    const LinearOptions layer{.inputs = p,
                              .outputs = q,
                              .initialisation = Initialisation::kConstant,
                              .gain = sigma / std::sqrt(static_cast<double>(p))};
    const auto layer_std = list->register_module(std::to_string(i / 2), std::make_shared<Linear>(layer, generator));
    std_.push_back(layer_std->weight);
    std_.push_back(layer_std->bias);
    noise_size_ += p + q;
  }
}

void NoisyMlp::set_noise(std::span<const float> normals) {
  noise_.clear();
  if (normals.empty()) return;
  if (static_cast<std::int64_t>(normals.size()) != noise_size_) {
    throw InvalidArgument(formatted("noisy mlp: the noise must be {} numbers, got {}", noise_size_, normals.size()));
  }
  const at::NoGradGuard no_grad;
  const at::Tensor all =
      scaled_noise(view_of(normals, {noise_size_})).to(layer_parameters().front().options().requires_grad(false));
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < std_.size(); i += 2) {
    for (const std::int64_t size : {std_[i].size(1), std_[i].size(0)}) {
      noise_.push_back(all.narrow(0, offset, size));
      offset += size;
    }
  }
}

at::TensorList NoisyMlp::weights(std::vector<at::Tensor>& storage) const {
  if (noise_.empty()) return layer_parameters();
  storage.clear();
  for (std::size_t i = 0; i < std_.size(); i += 2) {
    const at::Tensor &inputs = noise_[i], &outputs = noise_[i + 1];  // f(ε_p), f(ε_q)
    storage.push_back(layer_parameters()[i].addcmul(std_[i], outputs.outer(inputs)));
    storage.push_back(layer_parameters()[i + 1].addcmul(std_[i + 1], outputs));
  }
  return storage;
}

}  // namespace ludus::nn
