#include "agents/deep/ddpg.h"

#include <ATen/ATen.h>

#include "nn/networks/deterministic_actor_critic.h"
#include "nn/networks/transitions.h"

namespace ludus::agents {

Ddpg::Ddpg(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : DeterministicAgent("ddpg", checked(config, "ddpg"), fields_as_dict(config), /*critics=*/1, facts, seed, device),
      config_(config) {}

// Lillicrap et al. 2016, algorithm 1:
//   y = r + γ (1 − terminated) Q⁻(s', μ⁻(s'))          the critic's target
//   L = mean (Q(s, a) − y)²                             which the critic descends
//   ∇J ≈ mean ∇_a Q(s, a)|a=μ(s) ∇_θ μ(s)               which the policy ascends
//   θ⁻ ← (1 − τ) θ⁻ + τ θ                               for both targets
void Ddpg::learn(const nn::TransitionBatch& batch, double learning_rate) {
  nn::DeterministicActorCritic& nets = networks();
  const nn::GradientStepOptions step{.learning_rate = learning_rate};

  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor next_actions = nets.target_actor.forward(batch.next_observations);
    const at::Tensor next_values = nets.target_critics.q1(batch.next_observations, next_actions);
    target = nn::bellman_target(batch.rewards, batch.discounts, batch.terminated, next_values);
  }

  const auto values = nets.critics.forward(batch.observations, batch.actions);
  record(kCriticLoss, nets.critic_learner.gradient_step(nn::squared_error(values, target), step));
  record(kActorLoss, nets.update_actor(batch.observations, step));
  nets.polyak_update(config_.polyak_tau);
}

}  // namespace ludus::agents
