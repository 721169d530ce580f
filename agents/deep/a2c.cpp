#include "agents/deep/a2c.h"

#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"
#include "nn/networks/actor_critic.h"

namespace ludus::agents {

A2c::A2c(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : RolloutAgent("a2c", checked(config, "a2c"), config.n_steps, config.gae_lambda, facts, seed, device),
      config_(config) {
  const double rate = config.learning_rate.initial(), epsilon = config.optimizer_epsilon;
  if (config.optimizer == "adam") {
    optimizer_ = std::make_unique<nn::Adam>(*parameters_, nn::AdamOptions{.learning_rate = rate, .epsilon = epsilon});
  } else {
    optimizer_ =
        std::make_unique<nn::RmsProp>(*parameters_, nn::RmsPropOptions{.learning_rate = rate, .epsilon = epsilon});
  }
}

Dict A2c::config() const {
  return fields_as_dict(config_);
}

// Ascends the gradient of E[A log π(a|s)], with A the advantages of the last n_steps        Mnih et al. 2016, section 4
void A2c::learn(const replay::Trajectory& steps) {
  const UpdateMetrics metrics = policy_gradient_step(steps, steps.advantages());
  end_update(metrics, steps);
}

}  // namespace ludus::agents
