#include "agents/search/hill_climbing.h"

#include <algorithm>

#include "base/format.h"

namespace ludus::agents {

void HillClimbing::Config::check() const {
  if (noise_min <= noise && noise <= noise_max) return;
  throw InvalidArgument(
      formatted("the noise must obey noise_min <= noise <= noise_max, got {}, {} and {}", noise_min, noise, noise_max));
}

HillClimbing::HillClimbing(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("hill_climbing", config, {.bias = config.bias}, facts, seed),
      config_(config),
      noise_(config.noise),
      env_parameters_(facts.num_envs * parameters_.size()),
      env_return_(facts.num_envs, 0.0) {
  for (std::size_t env = 0; env < env_return_.size(); ++env) draw(env);
}

void HillClimbing::observe(const Experience& experience) {
  for (std::size_t env = 0; env < env_return_.size(); ++env) {
    env_return_[env] += experience.rewards[env];
    // terminated and truncated episodes count alike
    if (!experience.terminated[env] && !experience.truncated[env]) continue;

    if (!finished()) evaluate_actions(env);
    env_return_[env] = 0;
    draw(env);
  }
}

// θ' = θ_best + σ ε,  ε ~ N(0, I)
void HillClimbing::draw(std::size_t env) {
  const std::span<double> parameters = parameters_of(env);
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    parameters[k] = parameters_[k] + noise_ * generator_.standard_normal();
  }
}

// R(θ') ≥ R_best:  θ_best ← θ', R_best ← R(θ'), σ ← max(σ/2, σ_min);  else  σ ← min(2σ, σ_max)
void HillClimbing::evaluate_actions(std::size_t env) {
  const bool first = tried_++ == 0;
  if (first || env_return_[env] >= best_return_) {
    const std::span<const double> parameters = parameters_of(env);
    parameters_.assign(parameters.begin(), parameters.end());
    best_return_ = env_return_[env];
    noise_ = std::max(noise_ / 2, config_.noise_min);
  } else {
    noise_ = std::min(noise_ * 2, config_.noise_max);
  }
}

std::span<double> HillClimbing::parameters_of(std::size_t env) {
  return std::span<double>(env_parameters_).subspan(env * parameters_.size(), parameters_.size());
}

std::span<const double> HillClimbing::candidate_in(std::size_t env) {
  return parameters_of(env);
}

Metrics HillClimbing::metrics() {
  Metrics metrics = {{"train/candidates", static_cast<double>(tried_)}, {"train/noise", noise_}};
  if (tried_ > 0) metrics["train/best_return"] = best_return_;
  return metrics;
}

std::vector<std::string> HillClimbing::metric_names() const {
  return {"train/best_return", "train/candidates", "train/noise"};
}

}  // namespace ludus::agents
