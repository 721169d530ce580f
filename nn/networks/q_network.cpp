#include "nn/networks/q_network.h"

#include <ATen/ATen.h>

#include "base/fields.h"
#include "base/format.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/noisy_mlp.h"
#include "nn/networks/feature_extractor.h"

namespace ludus::nn {

void QNetworkOptions::validate() const {
  check_field(actions, at_least(1), "q network", "actions");
  check_field(atoms, at_least(1), "q network", "atoms");
}

QNetwork::QNetwork(const QNetworkOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  features_ = register_module(
      "features", std::make_shared<FeatureExtractor>(options_.features, options_.mlp.initialisation, generator));
  std::vector<std::int64_t> hidden = options_.mlp.hidden;
  std::int64_t inputs = options_.features.outputs();
  const std::int64_t outputs = options_.actions * options_.atoms;
  if (!options_.dueling) {
    mlp_ = add("mlp", inputs, hidden, outputs, Activation::kNone, generator);
    return;
  }

  std::vector<std::int64_t> stream_hidden;  // of each stream: the last hidden layer
  if (!hidden.empty()) {
    stream_hidden = {hidden.back()};
    hidden.pop_back();
  }
  if (!hidden.empty()) {
    const std::int64_t width = hidden.back();
    hidden.pop_back();
    torso_ = add("torso", inputs, hidden, width, options_.mlp.activation, generator);
    inputs = width;
  }
  value_ = add("value", inputs, stream_hidden, options_.atoms, Activation::kNone, generator);
  advantage_ = add("advantage", inputs, stream_hidden, outputs, Activation::kNone, generator);
}

std::shared_ptr<Mlp> QNetwork::add(const std::string& name, std::int64_t inputs, std::vector<std::int64_t> hidden,
                                   std::int64_t outputs, Activation output_activation, at::Generator& generator) {
  MlpOptions mlp = options_.mlp;
  mlp.inputs = inputs;
  mlp.hidden = std::move(hidden);
  mlp.outputs = outputs;
  mlp.output_activation = output_activation;
  if (!options_.noise) return register_module(name, std::make_shared<Mlp>(mlp, generator));
  const auto noisy = register_module(name, std::make_shared<NoisyMlp>(mlp, *options_.noise, generator));
  noisy_.push_back(noisy.get());
  return noisy;
}

at::Tensor QNetwork::forward(const at::Tensor& rows) const {
  at::Tensor features = features_->forward(rows);
  const std::int64_t n = rows.size(0), actions = options_.actions, atoms = options_.atoms;
  if (mlp_) return mlp_->forward(features).view({n, actions, atoms});

  if (torso_) features = torso_->forward(features);
  const at::Tensor value = value_->forward(features).view({n, 1, atoms});
  const at::Tensor advantage = advantage_->forward(features).view({n, actions, atoms});
  return value + advantage - advantage.mean(1, /*keepdim=*/true);
}

void QNetwork::act(std::span<const float> rows, std::size_t n, std::span<float> out) const {
  if (!options_.features.is_plain()) {
    const at::TensorOptions type = (mlp_ ? mlp_ : value_)->parameters().front().options();
    return infer([this](const at::Tensor& input) { return forward(input); }, rows, n, type, out);
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
  for (const NoisyMlp* mlp : noisy_) size += mlp->noise_size();
  return size;
}

void QNetwork::set_noise(std::span<const float> normals) {
  if (!normals.empty() && static_cast<std::int64_t>(normals.size()) != noise_size()) {
    throw InvalidArgument(formatted("q network: the noise must be {} numbers, got {}", noise_size(), normals.size()));
  }
  for (NoisyMlp* mlp : noisy_) {
    const std::size_t size = normals.empty() ? 0 : static_cast<std::size_t>(mlp->noise_size());
    mlp->set_noise(normals.first(size));
    normals = normals.subspan(size);
  }
}

}  // namespace ludus::nn
