#include "agents/deep/ppo.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"
#include "nn/core/tensor_io.h"
#include "nn/networks/actor_critic.h"

namespace ludus::agents {
namespace {

// L^CLIP = E[min(ρ A, clip(ρ, 1 − ε, 1 + ε) A)],  ρ = π(a|s) / π_old(a|s)              Schulman et al. 2017, equation 7
// Objective to maximise. The minimum is a lower bound: moving the ratio out of the clip range
// does not improve it.
at::Tensor clipped_surrogate(const at::Tensor& log_ratio, const at::Tensor& advantages, double clip_range) {
  const at::Tensor ratio = log_ratio.exp();
  return at::min(ratio * advantages, ratio.clamp(1 - clip_range, 1 + clip_range) * advantages).mean();
}

// E[(R − V)²], with V clipped to ±ε around its old value if a clip range is set
at::Tensor value_error(const at::Tensor& values, const at::Tensor& old_values, const at::Tensor& returns,
                       std::optional<double> clip_range) {
  if (!clip_range) return at::mse_loss(values, returns);
  return at::mse_loss(old_values + (values - old_values).clamp(-*clip_range, *clip_range), returns);
}

}  // namespace

// Steps of the rollout, one row per step.
struct Ppo::Batch {
  at::Tensor observations, actions, masks;
  at::Tensor old_log_prob, old_values, advantages, returns;

  std::int64_t size() const { return returns.size(0); }

  Batch rows(const at::Tensor& indices) const {
    const auto chosen = [&](const at::Tensor& all) { return all.defined() ? all.index_select(0, indices) : all; };
    return {chosen(observations), chosen(actions),    chosen(masks),  chosen(old_log_prob),
            chosen(old_values),   chosen(advantages), chosen(returns)};
  }
};

// Sums over the gradient steps of an update.
struct Ppo::Totals {
  double clip_range = 0;
  std::optional<double> clip_range_vf;
  double loss = 0, policy_loss = 0, value_loss = 0, entropy_loss = 0, approx_kl = 0, clip_fraction = 0;
  double batches = 0;  // attempted
  double steps = 0;    // completed: one fewer if the last was rejected

  // KL(π_old ‖ π) ≈ E[(ρ − 1) − log ρ] (J. Schulman, "Approximating KL Divergence", 2020, estimator k3), and the
  // fraction of ratios outside the clip range
  double count_ratios(const at::Tensor& log_ratio) {
    const at::Tensor numbers = log_ratio.detach().to(at::kCPU).contiguous();
    const std::span logs(numbers.data_ptr<float>(), static_cast<std::size_t>(numbers.numel()));
    double divergence = 0, outside = 0;
    for (const float log : logs) {
      const double above = std::expm1(static_cast<double>(log));  // ρ − 1
      divergence += above - static_cast<double>(log);
      if (std::abs(above) > clip_range) outside += 1;
    }
    const auto n = static_cast<double>(logs.size());
    approx_kl += divergence / n;
    clip_fraction += outside / n;
    batches += 1;
    return divergence / n;
  }
};

Ppo::Ppo(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : RolloutAgent("ppo", checked(config, "ppo"), config.n_steps, config.gae_lambda, facts, seed, device),
      config_(config) {
  const std::int64_t rows = config.n_steps * static_cast<std::int64_t>(num_envs_);
  if (config.normalize_advantages && rows < 2) {
    throw InvalidArgument(
        "ppo: a rollout of one step has no deviation by which advantages could be normalised; raise n_steps");
  }
  optimizer_ = std::make_unique<nn::Adam>(
      *parameters_, nn::AdamOptions{.learning_rate = config.learning_rate.initial(), .epsilon = config.adam_epsilon});
}

Dict Ppo::config() const {
  return fields_as_dict(config_);
}

Ppo::Batch Ppo::whole_rollout(const replay::Trajectory& steps) const {
  Batch all{.observations = tensor(steps.observations(), observation_size_),
            .actions = tensor(steps.actions(), action_size_),
            .masks = mask_tensor(steps.masks()),
            .old_log_prob = {},
            .old_values = tensor(steps.values()),
            .advantages = tensor(steps.advantages()),
            .returns = tensor(steps.returns())};

  // log π_old(a|s) of the behaviour policy, which has not changed since the rollout
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < all.size(); begin += config_.batch_size) {
    const std::int64_t n = std::min(config_.batch_size, all.size() - begin);
    const auto part = [&](const at::Tensor& whole) { return whole.defined() ? whole.narrow(0, begin, n) : whole; };
    parts.push_back(networks_->evaluate_actions(part(all.observations), part(all.actions), part(all.masks)).log_prob);
  }
  all.old_log_prob = at::cat(parts);
  return all;
}

// L = −L^CLIP + c_V L^VF − c_H E[H(π(·|s))]                                            Schulman et al. 2017, equation 9
bool Ppo::learn_from(const Batch& batch, Totals& totals) {
  const at::Tensor advantages = config_.normalize_advantages ? standardised(batch.advantages) : batch.advantages;
  const auto [log_prob, entropy, values] = networks_->evaluate_actions(batch.observations, batch.actions, batch.masks);
  const at::Tensor log_ratio = log_prob - batch.old_log_prob;
  const double divergence = totals.count_ratios(log_ratio);
  if (config_.target_kl && divergence > 1.5 * *config_.target_kl) return false;

  const at::Tensor policy_loss = -clipped_surrogate(log_ratio, advantages, totals.clip_range);
  const at::Tensor value_loss = value_error(values, batch.old_values, batch.returns, totals.clip_range_vf);
  const at::Tensor entropy_loss = -entropy.mean();
  totals.loss += gradient_step(policy_loss + now(config_.value_coefficient) * value_loss +
                               now(config_.entropy_coefficient) * entropy_loss);
  totals.policy_loss += policy_loss.item<double>();
  totals.value_loss += value_loss.item<double>();
  totals.entropy_loss += entropy_loss.item<double>();
  totals.steps += 1;
  return true;
}

void Ppo::learn(const replay::Trajectory& steps) {
  const Batch all = whole_rollout(steps);

  Totals totals;
  totals.clip_range = now(config_.clip_range);
  if (config_.clip_range_vf) totals.clip_range_vf = now(*config_.clip_range_vf);
  bool close = true;  // to the behaviour policy
  for (std::int64_t epoch = 0; epoch < config_.n_epochs && close; ++epoch) {
    ++updates_;
    std::vector<std::int64_t> order = generator_.permutation(all.size());
    const at::Tensor indices = nn::view_of(order, {all.size()}, parameters_->device());
    for (std::int64_t begin = 0; begin < all.size() && close; begin += config_.batch_size) {
      close = learn_from(all.rows(indices.narrow(0, begin, std::min(config_.batch_size, all.size() - begin))), totals);
    }
  }

  PpoMetrics metrics;
  metrics.approx_kl = totals.approx_kl / totals.batches;
  metrics.clip_fraction = totals.clip_fraction / totals.batches;
  metrics.clip_range = totals.clip_range;
  metrics.clip_range_vf = totals.clip_range_vf;
  if (totals.steps > 0) {
    metrics.loss = totals.loss / totals.steps;
    metrics.policy_gradient_loss = totals.policy_loss / totals.steps;
    metrics.value_loss = totals.value_loss / totals.steps;
    metrics.entropy_loss = totals.entropy_loss / totals.steps;
  }
  end_update(metrics, steps);
}

std::vector<std::string> Ppo::metric_names() const {
  return runs::tags_of<PpoMetrics>();
}

}  // namespace ludus::agents
