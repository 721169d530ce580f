// A deterministic policy a = μ(s), its critics Q_i(s, a), and their target networks μ⁻ and Q⁻_i.
#pragma once

#include <cstdint>

#include "nn/core/trainable_module.h"
#include "nn/networks/critics.h"
#include "nn/networks/network.h"

namespace ludus::nn {

struct DeterministicActorCritic {
  /// Initialises the weights with a generator seeded with `seed`. Throws InvalidArgument.
  DeterministicActorCritic(const NetworkOptions& actor_options, const NetworkOptions& critic_options,
                           std::int64_t count, std::uint64_t seed, const Device& device);

  /// Takes one gradient step of μ on the loss −mean Q_1(s, μ(s)), and returns the loss:
  ///   ∇_θ J ≈ mean ∇_a Q_1(s, a)|a=μ(s) ∇_θ μ(s)    Silver et al. 2014, theorem 1; Lillicrap et al. 2016, equation 6
  double update_actor(const at::Tensor& observations, const GradientStepOptions& options);

  /// θ⁻ ← (1 − τ) θ⁻ + τ θ, for μ and every Q_i.
  void polyak_update(double tau);

  at::Generator init;
  Network actor, target_actor;
  Critics critics, target_critics;
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("actor", self.actor_learner.parameters);
    visit("actor_target", self.target_actor_parameters);
    visit("actor_optimizer", self.actor_learner.optimizer);
    visit("critics", self.critic_learner.parameters);
    visit("critics_target", self.target_critic_parameters);
    visit("critics_optimizer", self.critic_learner.optimizer);
  }

  TrainableModule actor_learner, critic_learner;
  TargetParameters target_actor_parameters, target_critic_parameters;
};

}  // namespace ludus::nn
