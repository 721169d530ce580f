#include "nn/networks/actor_critic.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

constexpr double kPolicyGain = 0.01;  // of the policy's last layer: it begins near uniform, whatever it sees

MlpOptions perceptron(const ActorCriticOptions& options, std::vector<std::int64_t> hidden, std::int64_t outputs,
                      double output_gain) {
  return {.inputs = options.features.outputs(),
          .hidden = std::move(hidden),
          .outputs = outputs,
          .activation = options.activation,
          .initialisation = options.orthogonal ? Initialisation::kOrthogonal : Initialisation::kUniform,
          .output_gain = output_gain};
}

// The actor up to its last hidden layer, whose outputs go through the activation too.
MlpOptions up_to_latents(const ActorCriticOptions& options) {
  std::vector<std::int64_t> hidden(options.actor_hidden.begin(), options.actor_hidden.end() - 1);
  MlpOptions mlp = perceptron(options, std::move(hidden), options.actor_hidden.back(), std::sqrt(2.0));
  mlp.output_activation = options.activation;
  return mlp;
}

}  // namespace

void ActorCriticOptions::validate() const {
  actions.validate();
  if (!std::isfinite(log_deviation)) throw InvalidArgument("the first log σ must be a finite number");
  if (!state_dependent_noise) return;
  if (actions.kind != ActionOptions::Kind::kGaussian) {
    throw InvalidArgument("state-dependent noise is for actions that are real numbers");
  }
  if (actor_hidden.empty()) {
    throw InvalidArgument("state-dependent noise is made of the actor's last hidden layer, and it has none");
  }
}

ActorCritic::ActorCritic(const ActorCriticOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  const ActionOptions& actions = options_.actions;
  const Initialisation start = options_.orthogonal ? Initialisation::kOrthogonal : Initialisation::kUniform;
  features_ = register_module("features", std::make_shared<FeatureExtractor>(options_.features, start, generator));
  if (options_.state_dependent_noise) {
    actor_ = register_module("actor", std::make_shared<Mlp>(up_to_latents(options_), generator));
    MlpOptions head = perceptron(options_, {}, actions.outputs(), kPolicyGain);
    head.inputs = latent_size();
    head_ = register_module("head", std::make_shared<Mlp>(head, generator));
  } else {
    actor_ = register_module(
        "actor",
        std::make_shared<Mlp>(perceptron(options_, options_.actor_hidden, actions.outputs(), kPolicyGain), generator));
  }
  critic_ =
      register_module("critic", std::make_shared<Mlp>(perceptron(options_, options_.critic_hidden, 1, 1.0), generator));

  if (actions.kind != ActionOptions::Kind::kGaussian) return;
  std::vector<std::int64_t> sizes{actions.count};
  if (head_) sizes = {latent_size(), options_.full_deviation ? actions.count : 1};
  log_deviation_ = register_parameter("log_deviation", at::full(sizes, options_.log_deviation, at::kFloat));
}

ActorCritic::ActionEvaluation ActorCritic::evaluate_actions(const at::Tensor& rows, const at::Tensor& actions,
                                                            const at::Tensor& masks) const {
  const at::Tensor features = features_->forward(rows);
  const at::Tensor actor = actor_->forward(features);
  const at::Tensor value = critic_->forward(features).squeeze(1);
  const auto judged = [&](const Distribution& policy) {
    return ActionEvaluation{.log_prob = policy.log_prob(actions), .entropy = policy.entropy(), .value = value};
  };
  switch (options_.actions.kind) {
    case ActionOptions::Kind::kCategorical: return judged(Categorical(actor, options_.actions.classes, masks));
    case ActionOptions::Kind::kBernoulli: return judged(Bernoulli(actor));
    case ActionOptions::Kind::kGaussian: break;
  }
  if (!head_) return judged(DiagonalGaussian(actor, log_deviation_));
  // the noise does not teach the features, as in Stable-Baselines3: they are the mean's
  return judged(DiagonalGaussian(head_->forward(actor), gsde_log_std(actor.detach(), log_deviation_)));
}

std::span<const float> ActorCritic::look(std::span<const float> rows, std::size_t n, std::vector<float>& out) const {
  const FeatureOptions& features = options_.features;
  if (features.is_plain()) return rows;
  out.resize(n * static_cast<std::size_t>(features.outputs()));
  nn::infer([this](const at::Tensor& input) { return features_->forward(input); }, rows, n,
            critic_->parameters().front().options(), out);
  return out;
}

void ActorCritic::infer(std::span<const float> rows, std::size_t n, std::vector<float>& latents,
                        std::vector<float>& outputs) const {
  std::vector<float> seen;
  const std::span<const float> features = look(rows, n, seen);
  outputs.resize(n * static_cast<std::size_t>(options_.actions.outputs()));
  if (!head_) return actor_->act(features, n, outputs);
  latents.resize(n * static_cast<std::size_t>(latent_size()));
  actor_->act(features, n, latents);
  head_->act(latents, n, outputs);
}

void ActorCritic::values(std::span<const float> rows, std::size_t n, std::span<float> values) const {
  constexpr std::size_t kRows = 1024;  // at a time: convolutions of a whole rollout would take gigabytes
  const auto width = static_cast<std::size_t>(options_.features.row_size());
  std::vector<float> seen;
  for (std::size_t begin = 0; begin < n; begin += kRows) {
    const std::size_t count = std::min(kRows, n - begin);
    critic_->act(look(rows.subspan(begin * width, count * width), count, seen), count, values.subspan(begin, count));
  }
}

std::vector<float> ActorCritic::deviations() const {
  if (!log_deviation_.defined()) return {};
  const at::Tensor logs = log_deviation_.detach().cpu();
  std::vector<float> sigma(logs.data_ptr<float>(), logs.data_ptr<float>() + logs.numel());
  for (float& number : sigma) number = std::exp(number);
  return sigma;
}

void ActorCritic::act(std::span<const float> rows, std::size_t n, std::span<const std::uint8_t> masks,
                      std::span<const float> noise, std::span<float> actions) const {
  std::vector<float> latents, outputs;
  infer(rows, n, latents, outputs);
  if (noise.empty()) return most_probable_actions(options_.actions, outputs, masks, actions);

  std::vector<float> sigma = deviations();
  if (head_) {
    std::vector<float> stds(actions.size());
    gsde_std(gsde_sizes(n), latents, sigma, stds);
    sigma = std::move(stds);
  }
  draw_actions(options_.actions, outputs, masks, sigma, noise, actions);
}

void ActorCritic::explore(std::span<const float> rows, std::size_t n, std::span<const float> matrices,
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
  gsde_scale_to_matrices(gsde_sizes(0), deviations(), noise);
}

std::optional<double> ActorCritic::mean_deviation() const {
  if (!log_deviation_.defined()) return {};
  return log_deviation_.detach().exp().mean().item<double>();
}

}  // namespace ludus::nn
