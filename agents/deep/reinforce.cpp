#include "agents/deep/reinforce.h"

#include "base/format.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/optimizer.h"
#include "nn/networks/actor_critic.h"

namespace ludus::agents {

Reinforce::Reinforce(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : ActorCriticAgent("reinforce", checked(config, "reinforce"), facts, seed, device),
      config_(config),
      episodes_(static_cast<std::size_t>(config.episodes), num_envs_, step_sizes()) {
  optimizer_ =
      std::make_unique<nn::Adam>(*parameters_, nn::AdamOptions{.learning_rate = config.learning_rate.initial()});
}

// every environment contributes its share of the episodes
std::int64_t Reinforce::first_update_step() const {
  const auto n = static_cast<std::int64_t>(num_envs_);
  return (config_.episodes + n - 1) / n * n;
}

std::string Reinforce::missing_for_update() const {
  return updates_ > 0 ? "" : formatted("{} complete episodes", config_.episodes);
}

Dict Reinforce::config() const {
  return fields_as_dict(config_);
}

// Ascends the gradient of E[(G − V(s)) log π(a|s)], with G the return from the step to the end of the episode; without
// baseline, of E[G log π(a|s)].                                 Sutton & Barto 2018, section 13.4; Williams 1992
// With λ = 1 the advantages are G − V(s): the intermediate values cancel.
void Reinforce::update() {
  if (!episodes_.full()) return;
  replay::Trajectory& steps = episodes_.steps();
  estimate(steps, episodes_.stride(), /*gae_lambda=*/1.0);

  const UpdateMetrics metrics = policy_gradient_step(steps, config_.baseline ? steps.advantages() : steps.returns());
  end_update(metrics, steps);
  episodes_.clear();
}

}  // namespace ludus::agents
