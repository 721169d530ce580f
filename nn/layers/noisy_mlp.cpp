#include "nn/layers/noisy_mlp.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

MlpOptions with_uniform_means(MlpOptions options) {
  options.initialisation = Initialisation::kUniform;
  return options;
}

// f(ε) = sgn(ε) √|ε|
at::Tensor flattened(const at::Tensor& normals) {
  return normals.sign() * normals.abs().sqrt();
}

}  // namespace

NoisyMlp::NoisyMlp(const MlpOptions& options, double sigma, at::Generator& generator)
    : Mlp(with_uniform_means(options), generator) {
  if (!(sigma > 0) || !std::isfinite(sigma)) {
    throw InvalidArgument("noisy layers need a first deviation above 0, and were given " + std::to_string(sigma));
  }
  const auto list = register_module("deviations", std::make_shared<torch::nn::Module>());
  for (std::size_t i = 0; i < own_parameters().size(); i += 2) {
    const at::Tensor& mean = own_parameters()[i];  // (q x p)
    const double begin = sigma / std::sqrt(static_cast<double>(mean.size(1)));
    const auto layer = list->register_module(std::to_string(i / 2), std::make_shared<torch::nn::Module>());
    deviations_.push_back(layer->register_parameter("weight", at::full(mean.sizes(), begin, at::kFloat)));
    deviations_.push_back(layer->register_parameter("bias", at::full({mean.size(0)}, begin, at::kFloat)));
    noise_size_ += mean.size(0) + mean.size(1);
  }
}

void NoisyMlp::set_noise(std::span<const float> normals) {
  noise_.clear();
  if (normals.empty()) return;
  if (static_cast<std::int64_t>(normals.size()) != noise_size_) {
    throw InvalidArgument("the noise of these layers takes " + std::to_string(noise_size_) +
                          " numbers, and was given " + std::to_string(normals.size()));
  }
  const at::NoGradGuard constant;
  // from_blob wants a pointer it may write to; nothing here does
  const at::Tensor all = flattened(at::from_blob(const_cast<float*>(normals.data()), {noise_size_}, at::kFloat))
                             .to(own_parameters().front().options().requires_grad(false));
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < deviations_.size(); i += 2) {
    for (const std::int64_t extent : {deviations_[i].size(1), deviations_[i].size(0)}) {
      noise_.push_back(all.narrow(0, offset, extent));
      offset += extent;
    }
  }
}

at::TensorList NoisyMlp::weights(std::vector<at::Tensor>& room) const {
  if (noise_.empty()) return own_parameters();
  room.clear();
  for (std::size_t i = 0; i < deviations_.size(); i += 2) {
    const at::Tensor &inputs = noise_[i], &outputs = noise_[i + 1];  // f(ε_p), f(ε_q)
    room.push_back(own_parameters()[i].addcmul(deviations_[i], outputs.outer(inputs)));
    room.push_back(own_parameters()[i + 1].addcmul(deviations_[i + 1], outputs));
  }
  return room;
}

}  // namespace ludus::nn
