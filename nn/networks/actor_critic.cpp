#include "nn/networks/actor_critic.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/fields.h"
#include "base/format.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

constexpr double kPolicyGain = 0.01;  // of the policy's last layer: a nearly uniform initial policy

MlpOptions with_layers(MlpOptions mlp, std::int64_t inputs, std::vector<std::int64_t> hidden, std::int64_t outputs,
                       double output_gain) {
  mlp.inputs = inputs;
  mlp.hidden = std::move(hidden);
  mlp.outputs = outputs;
  mlp.output_gain = output_gain;
  return mlp;
}

// The actor up to its last hidden layer, including that layer's activation.
MlpOptions up_to_latents(const ActorCriticOptions& options) {
  const std::vector<std::int64_t>& widths = options.mlp.hidden;
  MlpOptions mlp = with_layers(options.mlp, options.features.outputs(), {widths.begin(), widths.end() - 1},
                               widths.back(), options.mlp.hidden_gain);
  mlp.output_activation = options.mlp.activation;
  return mlp;
}

}  // namespace

void ActorCriticOptions::validate() const {
  actions.validate();
  check_field(log_std, finite_number(), "actor critic", "log_std");
  if (!state_dependent_noise) return;
  if (actions.kind != ActionOptions::Kind::kGaussian) {
    throw InvalidArgument("actor critic: state-dependent noise needs continuous actions");
  }
  if (mlp.hidden.empty()) {
    throw InvalidArgument("actor critic: state-dependent noise needs an actor with a hidden layer");
  }
}

ActorCritic::ActorCritic(const ActorCriticOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  const MlpOptions& mlp = options_.mlp;
  const ActionOptions& actions = options_.actions;
  const auto add = [&](const char* name, const MlpOptions& layers) {
    return register_module(name, std::make_shared<Mlp>(layers, generator));
  };
  features_ =
      register_module("features", std::make_shared<FeatureExtractor>(options_.features, mlp.initialisation, generator));
  const std::int64_t features = options_.features.outputs();
  if (options_.state_dependent_noise) {
    actor_ = add("actor", up_to_latents(options_));
    head_ = add("head", with_layers(mlp, latent_size(), {}, actions.outputs(), kPolicyGain));
  } else {
    actor_ = add("actor", with_layers(mlp, features, mlp.hidden, actions.outputs(), kPolicyGain));
  }
  critic_ = add("critic", with_layers(mlp, features, options_.critic_hidden, 1, 1.0));

  if (actions.kind != ActionOptions::Kind::kGaussian) return;
  std::vector<std::int64_t> sizes{actions.count};
  if (head_) sizes = {latent_size(), options_.full_std ? actions.count : 1};
  log_std_ = register_parameter("log_std", at::full(sizes, options_.log_std, at::kFloat));
}

ActorCritic::ActionEvaluation ActorCritic::evaluate_actions(const at::Tensor& rows, const at::Tensor& actions,
                                                            const at::Tensor& masks) const {
  const at::Tensor features = features_->forward(rows);
  const at::Tensor actor = actor_->forward(features);
  const at::Tensor value = critic_->forward(features).squeeze(1);
  const auto evaluated = [&](const Distribution& policy) {
    return ActionEvaluation{.log_prob = policy.log_prob(actions), .entropy = policy.entropy(), .value = value};
  };
  switch (options_.actions.kind) {
    case ActionOptions::Kind::kCategorical: return evaluated(Categorical(actor, options_.actions.classes, masks));
    case ActionOptions::Kind::kBernoulli: return evaluated(Bernoulli(actor));
    case ActionOptions::Kind::kGaussian: break;
  }
  if (!head_) return evaluated(DiagonalGaussian(actor, log_std_));
  // no gradient from the noise to the features, as in Stable-Baselines3
  return evaluated(DiagonalGaussian(head_->forward(actor), gsde_log_std(actor.detach(), log_std_)));
}

std::span<const float> ActorCritic::extract_features(std::span<const float> rows, std::size_t n,
                                                     std::vector<float>& out) const {
  const FeatureOptions& features = options_.features;
  if (features.is_plain()) return rows;
  out.resize(n * static_cast<std::size_t>(features.outputs()));
  nn::infer([this](const at::Tensor& input) { return features_->forward(input); }, rows, n,
            critic_->parameters().front().options(), out);
  return out;
}

void ActorCritic::infer(std::span<const float> rows, std::size_t n, std::vector<float>& latents,
                        std::vector<float>& outputs) const {
  std::vector<float> buffer;
  const std::span<const float> features = extract_features(rows, n, buffer);
  outputs.resize(n * static_cast<std::size_t>(options_.actions.outputs()));
  if (!head_) return actor_->act(features, n, outputs);
  latents.resize(n * static_cast<std::size_t>(latent_size()));
  actor_->act(features, n, latents);
  head_->act(latents, n, outputs);
}

void ActorCritic::values(std::span<const float> rows, std::size_t n, std::span<float> values) const {
  constexpr std::size_t kRows = 1024;  // per pass, because the convolutions of a whole rollout would take gigabytes
  const auto width = static_cast<std::size_t>(options_.features.row_size());
  std::vector<float> buffer;
  for (std::size_t begin = 0; begin < n; begin += kRows) {
    const std::size_t count = std::min(kRows, n - begin);
    const auto features = extract_features(rows.subspan(begin * width, count * width), count, buffer);
    critic_->act(features, count, values.subspan(begin, count));
  }
}

std::vector<float> ActorCritic::sigma() const {
  if (!log_std_.defined()) return {};
  const at::Tensor logs = log_std_.detach().cpu();
  std::vector<float> stds(logs.data_ptr<float>(), logs.data_ptr<float>() + logs.numel());
  for (float& number : stds) number = std::exp(number);
  return stds;
}

void ActorCritic::act(std::span<const float> rows, std::size_t n, std::span<const std::uint8_t> masks,
                      std::span<const float> noise, std::span<float> actions) const {
  std::vector<float> latents, outputs;
  infer(rows, n, latents, outputs);
  if (noise.empty()) return deterministic_actions(options_.actions, outputs, masks, actions);

  std::vector<float> stds = sigma();
  if (head_) {
    std::vector<float> state_stds(actions.size());
    gsde_std(gsde_sizes(n), latents, stds, state_stds);
    stds = std::move(state_stds);
  }
  sample_actions(options_.actions, outputs, masks, stds, noise, actions);
}

void ActorCritic::act_with_exploration(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
                                       std::span<float> actions) const {
  std::vector<float> latents, means;
  infer(rows, n, latents, means);
  std::copy(means.begin(), means.end(), actions.begin());
  gsde_add_noise(gsde_sizes(n), latents, matrices, actions);
}

GsdeSizes ActorCritic::gsde_sizes(std::size_t n) const {
  return {.rows = n,
          .latents = static_cast<std::size_t>(latent_size()),
          .actions = static_cast<std::size_t>(options_.actions.count)};
}

void ActorCritic::scale_to_matrices(std::span<float> noise) const {
  gsde_scale_to_matrices(gsde_sizes(0), sigma(), noise);
}

std::optional<double> ActorCritic::mean_std() const {
  if (!log_std_.defined()) return {};
  return log_std_.detach().exp().mean().item<double>();
}

}  // namespace ludus::nn
