#include "nn/networks/squashed_policy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ludus::nn {
namespace {

// Bounds of log σ(s), as in the code of Haarnoja et al. 2018; outside, the policy is deterministic or saturated.
constexpr float kSmallestLogStd = -20, kLargestLogStd = 2;

NetworkOptions with_outputs(NetworkOptions options, std::int64_t outputs) {
  options.mlp.outputs = outputs;
  return options;
}

// The network up to its last hidden layer, which becomes the output layer.
NetworkOptions without_head(NetworkOptions options) {
  if (options.mlp.hidden.empty()) {
    throw InvalidArgument("gsde policy: state-dependent exploration needs at least one hidden layer");
  }
  options.mlp.outputs = options.mlp.hidden.back();
  options.mlp.hidden.pop_back();
  options.mlp.output_activation = options.mlp.activation;
  return options;
}

}  // namespace

GaussianPolicy::GaussianPolicy(NetworkOptions options, std::int64_t actions, at::Generator& generator)
    : actions_(actions) {
  network_ =
      register_module("network", std::make_shared<Network>(with_outputs(std::move(options), 2 * actions), generator));
}

SquashedGaussian::Sample GaussianPolicy::sample(const at::Tensor& rows, const at::Tensor& noise) const {
  const at::Tensor heads = network_->forward(rows);
  const at::Tensor log_std = heads.narrow(1, actions_, actions_).clamp(kSmallestLogStd, kLargestLogStd);
  return SquashedGaussian(heads.narrow(1, 0, actions_), log_std).sample(noise);
}

void GaussianPolicy::act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
                         std::span<float> actions) const {
  const auto k = static_cast<std::size_t>(actions_);
  thread_local std::vector<float> heads;  // reused between calls
  heads.resize(n * 2 * k);
  network_->act(rows, n, heads);
  for (std::size_t i = 0; i < n * k; ++i) {
    const float* row = &heads[i / k * 2 * k];
    float u = row[i % k];
    if (!noise.empty()) u += std::exp(std::clamp(row[k + i % k], kSmallestLogStd, kLargestLogStd)) * noise[i];
    actions[i] = std::tanh(u);
  }
}

GsdePolicy::GsdePolicy(NetworkOptions options, std::int64_t actions, double log_std, at::Generator& generator)
    : actions_(actions) {
  MlpOptions mean = options.mlp;
  const NetworkOptions body = without_head(std::move(options));
  latent_size_ = body.mlp.outputs;
  body_ = register_module("body", std::make_shared<Network>(body, generator));
  mean.inputs = latent_size_;
  mean.hidden = {};
  mean.outputs = actions;
  mean_ = register_module("mean", std::make_shared<Mlp>(mean, generator));
  log_std_ = register_parameter("log_std", at::full({latent_size_, actions}, log_std, at::kFloat));
}

SquashedGaussian::Sample GsdePolicy::sample(const at::Tensor& rows, const at::Tensor& noise) const {
  const at::Tensor latent = body_->forward(rows);
  const at::Tensor mean = mean_->forward(latent).clamp(-kLargestGsdeMean, kLargestGsdeMean);
  return SquashedGaussian(mean, gsde_log_std(latent, log_std_))
      .sample_offset(gsde_noise(latent, gsde_matrix(log_std_, noise)));
}

std::span<const float> GsdePolicy::infer(std::span<const float> rows, std::size_t n, std::span<float> means) const {
  thread_local std::vector<float> latents;  // reused between calls
  latents.resize(n * static_cast<std::size_t>(latent_size_));
  body_->act(rows, n, latents);
  mean_->act(latents, n, means);
  for (float& mean : means) mean = std::clamp(mean, -kLargestGsdeMean, kLargestGsdeMean);
  return latents;
}

std::vector<float> GsdePolicy::sigma() const {
  const at::Tensor stds = log_std_.detach().to(at::kCPU).exp().contiguous();
  return {stds.data_ptr<float>(), stds.data_ptr<float>() + stds.numel()};
}

// u_j = mean_j + sqrt(Σ_i z_i² σ_ij² + 1e-6) noise_j
void GsdePolicy::act(std::span<const float> rows, std::size_t n, std::span<const float> noise,
                     std::span<float> actions) const {
  const std::span<const float> latents = infer(rows, n, actions);
  if (!noise.empty()) {
    std::vector<float> stds(actions.size());
    gsde_std(gsde_sizes(n), latents, sigma(), stds);
    for (std::size_t a = 0; a < actions.size(); ++a) actions[a] += stds[a] * noise[a];
  }
  for (float& action : actions) action = std::tanh(action);
}

// u_j = mean_j + Σ_i z_i Θ_ij
void GsdePolicy::act_with_exploration(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
                                      std::span<float> actions) const {
  const std::span<const float> latents = infer(rows, n, actions);
  gsde_add_noise(gsde_sizes(n), latents, matrices, actions);
  for (float& action : actions) action = std::tanh(action);
}

GsdeSizes GsdePolicy::gsde_sizes(std::size_t n) const {
  return {.rows = n, .latents = static_cast<std::size_t>(latent_size_), .actions = static_cast<std::size_t>(actions_)};
}

void GsdePolicy::scale_to_matrices(std::span<float> noise) const {
  gsde_scale_to_matrices(gsde_sizes(0), sigma(), noise);
}

}  // namespace ludus::nn
