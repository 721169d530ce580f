#include "agents/deep/td3.h"

#include <ATen/ATen.h>

#include "nn/networks/deterministic_actor_critic.h"
#include "nn/networks/transitions.h"

namespace ludus::agents {
namespace {

// Target policy smoothing: nearby actions have similar values.
//   ã = clip(μ⁻(s') + clip(ε, −c, c), −1, 1), ε ~ N(0, σ̃²)                        Fujimoto et al. 2018, equation 14
at::Tensor smoothed(const at::Tensor& actions, const at::Tensor& normal, double deviation, double clip) {
  return (actions + (deviation * normal).clamp(-clip, clip)).clamp(-1, 1);
}

}  // namespace

Td3::Td3(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : DeterministicAgent("td3", checked(config, "td3"), fields_as_dict(config), /*critics=*/2, facts, seed, device),
      config_(config) {}

// Fujimoto et al. 2018, algorithm 1:
//   ã = clip(μ⁻(s') + clip(ε, −c, c))                         the target policy, smoothed
//   y = r + γ (1 − terminated) min_i Q⁻_i(s', ã)              the critics' target
//   L = Σ_i mean (Q_i(s, a) − y)²                             which the critics descend
// and at every d-th step
//   ∇J ≈ mean ∇_a Q_1(s, a)|a=μ(s) ∇_θ μ(s)                   which the policy ascends
//   θ⁻ ← (1 − τ) θ⁻ + τ θ                                     for all targets
void Td3::learn(const nn::TransitionBatch& batch, double learning_rate) {
  nn::DeterministicActorCritic& nets = networks();
  const nn::GradientStepOptions step{.learning_rate = learning_rate};

  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor policy = nets.target_actor.forward(batch.next_observations);
    const at::Tensor next_actions =
        smoothed(policy, normals(policy.sizes()), config_.target_noise, config_.target_noise_clip);
    const at::Tensor next_values = nn::min_q(nets.target_critics.forward(batch.next_observations, next_actions));
    target = nn::bellman_target(batch.rewards, batch.discounts, batch.terminated, next_values);
  }

  const auto values = nets.critics.forward(batch.observations, batch.actions);
  record(kCriticLoss, nets.critic_learner.gradient_step(nn::squared_error(values, target), step));

  if (updates() % config_.policy_delay == 0) {
    record(kActorLoss, nets.update_actor(batch.observations, step));
    nets.polyak_update(config_.polyak_tau);
  }
}

}  // namespace ludus::agents
