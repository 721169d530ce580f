#include "nn/networks/deterministic_actor_critic.h"

#include <ATen/ATen.h>

#include "nn/core/init.h"

namespace ludus::nn {

DeterministicActorCritic::DeterministicActorCritic(const NetworkOptions& actor_options,
                                                   const NetworkOptions& critic_options, std::int64_t count,
                                                   std::uint64_t seed, const Device& device)
    : init(make_generator(seed)),
      actor(actor_options, init),
      target_actor(actor_options, init),
      critics(critic_options, count, init),
      target_critics(critic_options, count, init),
      actor_learner(actor, device),
      critic_learner(critics, device),
      target_actor_parameters(target_actor, device, actor_learner),
      target_critic_parameters(target_critics, device, critic_learner) {}

double DeterministicActorCritic::update_actor(const at::Tensor& observations, const GradientStepOptions& options) {
  // the gradient flows through the frozen critic
  return actor_learner.gradient_step(-critics.q1(observations, actor.forward(observations)).mean(), options);
}

void DeterministicActorCritic::polyak_update(double tau) {
  target_actor_parameters.lerp_from(actor_learner.parameters, tau);
  target_critic_parameters.lerp_from(critic_learner.parameters, tau);
}

}  // namespace ludus::nn
