#include "agents/rules/heuristic.h"

#include "base/format.h"

namespace ludus::agents {
namespace {

constexpr std::size_t kLanderObservation = 8, kWalkerObservation = 24;

}  // namespace

std::unique_ptr<Policy> make_heuristic(const EnvSignature& facts) {
  const std::string name = envs::EnvId::parse(facts.spec.id).name;
  if (name.starts_with("LunarLander") && facts.observation_size == kLanderObservation) {
    return std::make_unique<LanderHeuristic>(facts);
  }
  if (name.starts_with("BipedalWalker") && facts.observation_size == kWalkerObservation) {
    return std::make_unique<WalkerHeuristic>();
  }
  throw NotApplicable(
      formatted("the policy heuristic is a controller for LunarLander and BipedalWalker, got {}; the policy random "
                "works in every environment",
                facts.spec.id));
}

LanderHeuristic::LanderHeuristic(const EnvSignature& facts) : continuous_(facts.action_space->kind() == "Box") {}

void LanderHeuristic::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  actions.discrete.clear();
  actions.continuous.clear();
  for (std::size_t i = 0; i < batch.size; ++i) {
    const auto observation = batch.rows.subspan(i * kLanderObservation, kLanderObservation);
    if (continuous_) {
      for (const double throttle : envs::lander_throttle(observation))
        actions.continuous.push_back(static_cast<float>(throttle));
    } else {
      actions.discrete.push_back(envs::lander_action(observation));
    }
  }
}

void WalkerHeuristic::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  if (batch.envs.size() != batch.size || batch.episode_start.size() != batch.size) {
    throw InvalidArgument(
        formatted("the policy heuristic: envs and episode_start must name the environment and the start of the episode "
                  "of each of the {} observations, got {} and {}",
                  batch.size, batch.envs.size(), batch.episode_start.size()));
  }
  const std::lock_guard lock(mutex_);
  actions.discrete.clear();
  actions.continuous.clear();
  for (std::size_t i = 0; i < batch.size; ++i) {
    envs::WalkerGait& gait = gaits_[batch.envs[i]];
    if (batch.episode_start[i]) gait = {};
    const auto observation = batch.rows.subspan(i * kWalkerObservation, kWalkerObservation);
    for (const double effort : gait.act(observation)) actions.continuous.push_back(static_cast<float>(effort));
  }
}

}  // namespace ludus::agents
