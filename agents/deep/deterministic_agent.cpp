#include "agents/deep/deterministic_agent.h"

#include "nn/model/exported_policy.h"
#include "nn/networks/deterministic_actor_critic.h"

namespace ludus::agents {

DeterministicAgent::DeterministicAgent(std::string_view algorithm, const ContinuousConfig& config, Dict settings,
                                       std::int64_t critics, const EnvSignature& facts, std::uint64_t seed,
                                       const std::string& device)
    : ContinuousAgent(algorithm, config, std::move(settings), {kActorLoss, kCriticLoss}, facts, seed, device) {
  const auto actions = static_cast<std::int64_t>(action_size());
  nn::NetworkOptions actor = network_options(actions, 0);
  actor.mlp.output_activation = nn::Activation::kTanh;  // actions in [-1, 1]
  networks_ = std::make_unique<nn::DeterministicActorCritic>(actor, network_options(1, actions), critics, draw_seed(),
                                                             this->device());
}

DeterministicAgent::~DeterministicAgent() = default;

// a = μ(s), always the same
void DeterministicAgent::choose(std::span<const float> observations, std::size_t n, std::span<const float>,
                                std::span<float> actions) const {
  networks_->actor.act(observations, n, actions);
}

std::string DeterministicAgent::add_actor(nn::PolicyGraph& graph) const {
  return graph.add_mlp("mlp.", settings().activation, nn::Activation::kTanh, graph.add_features("features."));
}

NamedArrays DeterministicAgent::actor_parameters() const {
  return networks_->actor_learner.parameters.state();
}

const nn::Critics& DeterministicAgent::critics() const {
  return networks_->critics;
}

void DeterministicAgent::policy_state(StateWriter& visit) const {
  visit("actor", networks_->actor_learner.parameters);
}

void DeterministicAgent::policy_state(StateReader& visit) {
  nn::DeterministicActorCritic& networks = *networks_;
  visit("actor", networks.actor_learner.parameters);
  visit.at_commit([&networks] { networks.target_actor_parameters.copy_from(networks.actor_learner.parameters); });
}

void DeterministicAgent::network_state(StateWriter& visit) const {
  nn::DeterministicActorCritic::state(*networks_, visit);
}

void DeterministicAgent::network_state(StateReader& visit) {
  nn::DeterministicActorCritic::state(*networks_, visit);
}

}  // namespace ludus::agents
