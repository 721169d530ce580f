#include "agents/search/cem.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/size_limit.h"

namespace ludus::agents {

Cem::Cem(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("cem", config, config.policy, facts, seed),
      config_(config),
      variance_(parameters_.size(), config.initial_std * config.initial_std),
      generation_(static_cast<std::size_t>(config.population), config.episodes, facts.num_envs) {
  draw();
}

std::size_t Cem::elites() const {
  return static_cast<std::size_t>(
      std::max<std::int64_t>(std::llround(config_.elite_fraction * static_cast<double>(config_.population)), 1));
}

void Cem::observe(const Experience& experience) {
  for (std::size_t env = 0; env < experience.rewards.size(); ++env) {
    generation_.record(env, experience.rewards[env], experience.terminated[env] || experience.truncated[env]);
  }
  if (!generation_.complete()) return;
  fit(generation_.mean_returns());
  draw();
  generation_.next();
}

// θ_i ~ N(μ, diag σ²)
void Cem::draw() {
  candidates_.clear();
  SizeLimit::require(sizeof(double) * static_cast<double>(config_.population) * static_cast<double>(mean().size()));
  for (std::int64_t i = 0; i < config_.population; ++i) {
    for (std::size_t k = 0; k < mean().size(); ++k) {
      candidates_.push_back(mean()[k] + std::sqrt(variance_[k]) * generator_.standard_normal());
    }
  }
}

// With the elite E, the candidates with the highest returns, after t generations:
//   μ ← 1/|E| Σ_{i ∈ E} θ_i
//   σ² ← 1/|E| Σ_{i ∈ E} (θ_i - μ)² + Z_t,   Z_t = max(noise - noise_decay t, 0)      Szita & Lőrincz 2006, section 2.4
void Cem::fit(const std::vector<double>& returns) {
  std::vector<std::size_t> order(returns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return returns[a] > returns[b]; });
  order.resize(elites());

  std::vector<double>& mean = parameters_;
  const auto count = static_cast<double>(order.size());
  const double noise = std::max(config_.noise - config_.noise_decay * static_cast<double>(generations_), 0.0);
  for (std::size_t k = 0; k < mean.size(); ++k) {
    double sum = 0, squares = 0;
    for (const std::size_t i : order) sum += candidates_[i * mean.size() + k];
    mean[k] = sum / count;
    for (const std::size_t i : order) squares += std::pow(candidates_[i * mean.size() + k] - mean[k], 2);
    variance_[k] = squares / count + noise;
  }

  ++generations_;
  mean_return_ = std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
  elite_return_ = 0;
  for (const std::size_t i : order) elite_return_ += returns[i] / count;
}

std::span<const double> Cem::candidate_in(std::size_t env) {
  const std::int64_t candidate = generation_.candidate_of(env);
  if (candidate == Generation::kNone) return mean();
  return std::span<const double>(candidates_)
      .subspan(static_cast<std::size_t>(candidate) * mean().size(), mean().size());
}

Metrics Cem::metrics() {
  double deviation = 0;
  for (const double variance : variance_) deviation += std::sqrt(variance) / static_cast<double>(variance_.size());
  Metrics metrics = {{"train/generations", static_cast<double>(generations_)}, {"train/std", deviation}};
  if (generations_ > 0) {
    metrics["train/mean_return"] = mean_return_;
    metrics["train/elite_return"] = elite_return_;
  }
  return metrics;
}

std::vector<std::string> Cem::metric_names() const {
  return {"train/elite_return", "train/generations", "train/mean_return", "train/std"};
}

}  // namespace ludus::agents
