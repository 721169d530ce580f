#include "nn/networks/q_network.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "nn/networks/feature_extractor.h"
#include "nn/layers/noisy_mlp.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {

void QNetworkOptions::validate() const {
  if (actions <= 0 || atoms <= 0) {
    throw InvalidArgument("a Q-network needs actions and numbers for each, and was given " + std::to_string(actions) +
                          " and " + std::to_string(atoms));
  }
}

QNetwork::QNetwork(const QNetworkOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  features_ =
      register_module("features", std::make_shared<FeatureExtractor>(options_.features, Initialisation::kUniform, generator));
  std::vector<std::int64_t> hidden = options_.hidden;
  std::int64_t inputs = options_.features.outputs();
  const std::int64_t outputs = options_.actions * options_.atoms;
  if (!options_.dueling) {
    mlp_ = add("mlp", inputs, hidden, outputs, /*rectified=*/false, generator);
    return;
  }

  std::vector<std::int64_t> own;  // hidden layer of each stream
  if (!hidden.empty()) {
    own = {hidden.back()};
    hidden.pop_back();
  }
  if (!hidden.empty()) {
    const std::int64_t width = hidden.back();
    hidden.pop_back();
    torso_ = add("torso", inputs, hidden, width, /*rectified=*/true, generator);
    inputs = width;
  }
  value_ = add("value", inputs, own, options_.atoms, /*rectified=*/false, generator);
  advantage_ = add("advantage", inputs, own, outputs, /*rectified=*/false, generator);
}

std::shared_ptr<Mlp> QNetwork::add(const std::string& name, std::int64_t inputs, std::vector<std::int64_t> hidden,
                                   std::int64_t outputs, bool rectified, at::Generator& generator) {
  const MlpOptions mlp{.inputs = inputs,
                       .hidden = std::move(hidden),
                       .outputs = outputs,
                       .output_activation = rectified ? Activation::kRelu : Activation::kNone};
  if (!options_.noise) return register_module(name, std::make_shared<Mlp>(mlp, generator));
  const auto noisy = register_module(name, std::make_shared<NoisyMlp>(mlp, *options_.noise, generator));
  noisy_.push_back(noisy.get());
  return noisy;
}

at::Tensor QNetwork::forward(const at::Tensor& rows) const {
  at::Tensor seen = features_->forward(rows);
  const std::int64_t n = rows.size(0), actions = options_.actions, atoms = options_.atoms;
  if (mlp_) return mlp_->forward(seen).view({n, actions, atoms});

  if (torso_) seen = torso_->forward(seen);
  const at::Tensor value = value_->forward(seen).view({n, 1, atoms});
  const at::Tensor advantage = advantage_->forward(seen).view({n, actions, atoms});
  return value + advantage - advantage.mean(1, /*keepdim=*/true);
}

void QNetwork::act(std::span<const float> rows, std::size_t n, std::span<float> out) const {
  if (!options_.features.is_plain()) {
    const at::Tensor first = (mlp_ ? mlp_ : value_)->parameters().front();
    return infer([this](const at::Tensor& input) { return forward(input); }, rows, n, first.options(), out);
  }
  if (mlp_) return mlp_->act(rows, n, out);

  std::vector<float> latents;
  if (torso_) {
    latents.resize(n * static_cast<std::size_t>(torso_->options().outputs));
    torso_->act(rows, n, latents);
    rows = latents;
  }
  const auto actions = static_cast<std::size_t>(options_.actions), atoms = static_cast<std::size_t>(options_.atoms);
  std::vector<float> values(n * atoms);
  value_->act(rows, n, values);
  advantage_->act(rows, n, out);
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t k = 0; k < atoms; ++k) {
      float* advantages = out.data() + row * actions * atoms + k;
      float sum = 0;
      for (std::size_t a = 0; a < actions; ++a) sum += advantages[a * atoms];
      const float shift = values[row * atoms + k] - sum / static_cast<float>(actions);
      for (std::size_t a = 0; a < actions; ++a) advantages[a * atoms] += shift;
    }
  }
}

std::int64_t QNetwork::noise_size() const {
  std::int64_t size = 0;
  for (const NoisyMlp* part : noisy_) size += part->noise_size();
  return size;
}

void QNetwork::set_noise(std::span<const float> normals) {
  if (!normals.empty() && static_cast<std::int64_t>(normals.size()) != noise_size()) {
    throw InvalidArgument("the noise of this network takes " + std::to_string(noise_size()) +
                          " numbers, and was given " + std::to_string(normals.size()));
  }
  for (NoisyMlp* part : noisy_) {
    const std::size_t size = normals.empty() ? 0 : static_cast<std::size_t>(part->noise_size());
    part->set_noise(normals.first(size));
    normals = normals.subspan(size);
  }
}

}  // namespace ludus::nn
