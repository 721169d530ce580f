#include "agents/search/hill_climbing.h"

#include <algorithm>
#include <cmath>

#include "agents/runner/saved_state.h"
#include "nn/io/checkpoint.h"

namespace ludus::agents {

void HillClimbing::Config::check() const {
  if (episodes < 1) {
    throw InvalidArgument("hill_climbing needs at least 1 episode, and episodes is " + std::to_string(episodes));
  }
  if (!(0 < noise_min && noise_min <= noise && noise <= noise_max && std::isfinite(noise_max))) {
    throw InvalidArgument("the noise must obey 0 < noise_min <= noise <= noise_max, and these are " +
                          std::to_string(noise_min) + ", " + std::to_string(noise) + ", " + std::to_string(noise_max));
  }
}

HillClimbing::HillClimbing(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string&)
    : config_(config),
      observation_size_(facts.observation_size),
      policy_(facts, config.bias, "hill_climbing"),
      generator_(seed),
      best_parameters_(policy_.parameter_count(), 0.0),
      noise_(config.noise),
      lane_parameters_(facts.num_envs * policy_.parameter_count()),
      lane_return_(facts.num_envs, 0.0) {
  config_.check();
  for (std::size_t lane = 0; lane < lane_return_.size(); ++lane) draw(lane);
}

void HillClimbing::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  policy_.choose_all(best_parameters_, observations, n, out);
}

void HillClimbing::act(std::span<const float> observations, Actions& out) {
  // every environment plays by a candidate of its own
  policy_.resize(lane_return_.size(), out);
  for (std::size_t lane = 0; lane < lane_return_.size(); ++lane) {
    const auto observation = observations.subspan(lane * observation_size_, observation_size_);
    policy_.choose(parameters_of(lane), observation, lane, out);
  }
}

void HillClimbing::observe(const Experience& experience) {
  for (std::size_t lane = 0; lane < lane_return_.size(); ++lane) {
    lane_return_[lane] += experience.rewards[lane];
    // an episode that was cut counts like one that ended: its return is what the time limit let it earn
    if (!experience.terminated[lane] && !experience.truncated[lane]) continue;

    if (!finished()) judge(lane);
    lane_return_[lane] = 0;
    draw(lane);
  }
}

void HillClimbing::update() {}  // nothing but the comparisons that observe() makes

// θ' = θ_best + σ ε,  ε ~ N(0, I)
void HillClimbing::draw(std::size_t lane) {
  const std::span<double> parameters = parameters_of(lane);
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    parameters[k] = best_parameters_[k] + noise_ * generator_.standard_normal();
  }
}

// R(θ') ≥ R_best:  θ_best ← θ', R_best ← R(θ'), σ ← max(σ/2, σ_min);  else  σ ← min(2σ, σ_max)
void HillClimbing::judge(std::size_t lane) {
  const bool first = tried_++ == 0;
  if (first || lane_return_[lane] >= best_return_) {
    const std::span<const double> parameters = parameters_of(lane);
    best_parameters_.assign(parameters.begin(), parameters.end());
    best_return_ = lane_return_[lane];
    noise_ = std::max(noise_ / 2, config_.noise_min);
  } else {
    noise_ = std::min(noise_ * 2, config_.noise_max);
  }
}

std::span<double> HillClimbing::parameters_of(std::size_t lane) {
  const std::size_t count = policy_.parameter_count();
  return std::span<double>(lane_parameters_).subspan(lane * count, count);
}

Metrics HillClimbing::metrics() {
  Metrics metrics = {{"train/candidates", static_cast<double>(tried_)}, {"train/noise", noise_}};
  if (tried_ > 0) metrics["train/best_return"] = best_return_;
  return metrics;
}

std::vector<std::string> HillClimbing::metric_names() const {
  return {"train/best_return", "train/candidates", "train/noise"};
}

// --- checkpoints

void HillClimbing::save_policy(nn::Checkpoint& checkpoint) const {
  put_numbers(checkpoint, "agent/best_parameters", best_parameters_);
}

void HillClimbing::load_policy(const nn::Checkpoint& checkpoint) {
  best_parameters_ = take_numbers<double>(checkpoint, "agent/best_parameters",
                                          Shape{static_cast<std::int64_t>(policy_.parameter_count())});
}

void HillClimbing::save(nn::Checkpoint& checkpoint) const {
  save_policy(checkpoint);
  const auto lanes = static_cast<std::int64_t>(lane_return_.size());
  put_generator(checkpoint, "agent/generator", generator_);
  put_real(checkpoint, "agent/best_return", best_return_);
  put_real(checkpoint, "agent/noise", noise_);
  put_integer(checkpoint, "agent/tried", tried_);
  put_numbers<double>(checkpoint, "agent/lanes/parameters", lane_parameters_,
                      Shape{lanes, static_cast<std::int64_t>(policy_.parameter_count())});
  put_numbers(checkpoint, "agent/lanes/return", lane_return_);
}

void HillClimbing::load(const nn::Checkpoint& checkpoint) {
  HillClimbing loaded = *this;  // so that a broken checkpoint changes nothing
  loaded.load_policy(checkpoint);
  const Shape lanes{static_cast<std::int64_t>(lane_return_.size())};
  loaded.generator_ = take_generator(checkpoint, "agent/generator");
  loaded.best_return_ = take_real(checkpoint, "agent/best_return");
  loaded.noise_ = take_real(checkpoint, "agent/noise");
  loaded.tried_ = take_integer(checkpoint, "agent/tried");
  loaded.lane_parameters_ = take_numbers<double>(checkpoint, "agent/lanes/parameters",
                                                 lanes.appended(static_cast<std::int64_t>(policy_.parameter_count())));
  loaded.lane_return_ = take_numbers<double>(checkpoint, "agent/lanes/return", lanes);
  *this = std::move(loaded);
}

}  // namespace ludus::agents
