#include "agents/search/ars.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/size_limit.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

void Ars::Config::check() const {
  if (top <= directions) return;
  throw InvalidArgument(formatted("top must be at most the number of directions, {}, got {}", directions, top));
}

Ars::Ars(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("ars", config, config.policy, facts, seed),
      config_(config),
      noise_(config.noise.initial()),
      moments_(facts.observation_size),
      generation_(static_cast<std::size_t>(2 * config.directions), config.episodes, facts.num_envs) {
  if (config.normalize && facts.observation_space->kind() != "Box") {
    throw NotApplicable(formatted("ars: observations must be Box to be normalised, got {} of {}; set normalize=false",
                                  facts.observation_space->to_string(), facts.spec.id));
  }
  if (!config.zero_policy) parameters_ = policy().draw(generator_);
  draw();
}

envs::ObservationBatch Ars::normalized(const envs::ObservationBatch& batch) const {
  if (!config_.normalize) return batch;
  thread_local std::vector<float> rows;  // reused between calls
  rows.resize(batch.rows.size());
  const std::size_t size = observation_size();
  for (std::size_t at = 0; at < rows.size(); at += size) {
    moments_.normalize(batch.rows.subspan(at, size), std::span(rows).subspan(at, size));
  }
  return {.rows = rows, .size = batch.size};
}

void Ars::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  SearchAgent::predict(normalized(batch), deterministic, actions);
}

nn::ExportedPolicy Ars::export_policy() const {
  nn::ExportedPolicy policy = SearchAgent::export_policy();
  if (config_.normalize) policy.scaling = {.mean = moments_.scaling().mean, .scale = moments_.scaling().scale};
  return policy;
}

void Ars::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  // every training observation is counted; the normalisation uses it from the next iteration on
  const std::size_t size = observation_size();
  for (std::size_t at = 0; config_.normalize && at < batch.rows.size(); at += size) {
    moments_.add(batch.rows.subspan(at, size));
  }
  SearchAgent::act(normalized(batch), actions);
}

std::span<const double> Ars::candidate_in(std::size_t env) {
  candidate(generation_.candidate_of(env), trial_);
  return trial_;
}

void Ars::observe(const Experience& experience) {
  for (std::size_t env = 0; env < experience.rewards.size(); ++env) {
    generation_.record(env, experience.rewards[env] + config_.alive_bonus_offset,
                       experience.terminated[env] || experience.truncated[env]);
  }
  steps_ += static_cast<std::int64_t>(experience.rewards.size());
  if (!generation_.complete()) return;
  step(generation_.mean_returns());
  if (config_.normalize) moments_.refresh();
  draw();
  generation_.next();
}

// δ_1 … δ_N ~ N(0, I)
void Ars::draw() {
  noise_ = config_.noise.at(iterations_ == 0 ? 1.0 : progress_remaining(steps_));
  SizeLimit::require(sizeof(double) * static_cast<double>(config_.directions) *
                     static_cast<double>(parameters_.size()));
  directions_.resize(static_cast<std::size_t>(config_.directions) * parameters_.size());
  for (double& number : directions_) number = generator_.standard_normal();
}

// θ ± ν δ_k
void Ars::candidate(std::int64_t index, std::vector<double>& out) const {
  out = parameters_;
  if (index == Generation::kNone) return;
  const std::span<const double> delta = direction(static_cast<std::size_t>(index / 2));
  const double along = index % 2 == 0 ? noise_ : -noise_;
  for (std::size_t j = 0; j < out.size(); ++j) out[j] += along * delta[j];
}

std::span<const double> Ars::direction(std::size_t k) const {
  return std::span<const double>(directions_).subspan(k * parameters_.size(), parameters_.size());
}

// With r±_k the returns of θ ± ν δ_k, the directions in the order of max(r+_k, r-_k), the b best of them, and σ_R the
// standard deviation of their 2b returns:
//   θ ← θ + α / (b σ_R) Σ_{k ≤ b} [r+_k - r-_k] δ_k      Mania et al. 2018, algorithm 2, line 7
void Ars::step(const std::vector<double>& returns) {
  const auto plus = [&](std::size_t k) { return returns[2 * k]; };
  const auto minus = [&](std::size_t k) { return returns[2 * k + 1]; };

  std::vector<std::size_t> best(static_cast<std::size_t>(config_.directions));
  std::iota(best.begin(), best.end(), std::size_t{0});
  std::stable_sort(best.begin(), best.end(), [&](std::size_t i, std::size_t j) {
    return std::max(plus(i), minus(i)) > std::max(plus(j), minus(j));
  });
  if (config_.top > 0) best.resize(static_cast<std::size_t>(config_.top));

  const auto b = static_cast<double>(best.size());
  double mean = 0, variance = 0;
  for (const std::size_t k : best) mean += (plus(k) + minus(k)) / (2 * b);
  for (const std::size_t k : best) {
    variance += ((plus(k) - mean) * (plus(k) - mean) + (minus(k) - mean) * (minus(k) - mean)) / (2 * b);
  }
  return_std_ = std::sqrt(variance);
  mean_return_ = std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
  ++iterations_;

  // equal returns favour no direction, and their standard deviation is 0
  if (return_std_ == 0) return;
  const double length = config_.learning_rate.at(progress_remaining(steps_)) / (b * return_std_);
  for (const std::size_t k : best) {
    const std::span<const double> delta = direction(k);
    const double gain = length * (plus(k) - minus(k));
    for (std::size_t j = 0; j < parameters_.size(); ++j) parameters_[j] += gain * delta[j];
  }
}

Metrics Ars::metrics() {
  Metrics metrics = {{"train/iterations", static_cast<double>(iterations_)}, {"train/noise", noise_}};
  if (iterations_ > 0) {
    metrics["train/mean_return"] = mean_return_;
    metrics["train/return_std"] = return_std_;
  }
  return metrics;
}

std::vector<std::string> Ars::metric_names() const {
  return {"train/iterations", "train/mean_return", "train/noise", "train/return_std"};
}

}  // namespace ludus::agents
