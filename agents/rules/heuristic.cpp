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

void LanderHeuristic::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  out.integers.clear();
  out.reals.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto observation = observations.subspan(i * kLanderObservation, kLanderObservation);
    if (continuous_) {
      for (const double throttle : envs::lander_throttle(observation))
        out.reals.push_back(static_cast<float>(throttle));
    } else {
      out.integers.push_back(envs::lander_action(observation));
    }
  }
}

void WalkerHeuristic::follow(std::span<const EpisodeRow> rows) {
  envs_.clear();
  for (const EpisodeRow& row : rows) {
    envs_.push_back(row.env);
    if (row.begins) gaits_[row.env] = {};
  }
}

void WalkerHeuristic::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  if (envs_.size() != n) {
    throw InvalidArgument(
        formatted("the policy heuristic: follow() must name the environment of each of the {} observations, got {}", n,
                  envs_.size()));
  }
  out.integers.clear();
  out.reals.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const auto observation = observations.subspan(i * kWalkerObservation, kWalkerObservation);
    for (const double effort : gaits_[envs_[i]].act(observation)) out.reals.push_back(static_cast<float>(effort));
  }
  envs_.clear();  // each call needs a preceding follow()
}

}  // namespace ludus::agents
