#include "agents/search/hill_climbing.h"

#include <algorithm>
#include <cmath>

#include "agents/core/saved_state.h"

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

HillClimbing::HillClimbing(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string&)
    : SearchAgent("hill_climbing", config, {.bias = config.bias}, facts, seed),
      config_(config),
      noise_(config.noise),
      lane_parameters_(facts.num_envs * parameters_.size()),
      lane_return_(facts.num_envs, 0.0) {
  for (std::size_t lane = 0; lane < lane_return_.size(); ++lane) draw(lane);
}

void HillClimbing::observe(const Experience& experience) {
  for (std::size_t lane = 0; lane < lane_return_.size(); ++lane) {
    lane_return_[lane] += experience.rewards[lane];
    // an episode that was cut counts like one that ended: its return is what the time limit let it earn
    if (!experience.terminated[lane] && !experience.truncated[lane]) continue;

    if (!finished()) evaluate_actions(lane);
    lane_return_[lane] = 0;
    draw(lane);
  }
}

// θ' = θ_best + σ ε,  ε ~ N(0, I)
void HillClimbing::draw(std::size_t lane) {
  const std::span<double> parameters = parameters_of(lane);
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    parameters[k] = parameters_[k] + noise_ * generator_.standard_normal();
  }
}

// R(θ') ≥ R_best:  θ_best ← θ', R_best ← R(θ'), σ ← max(σ/2, σ_min);  else  σ ← min(2σ, σ_max)
void HillClimbing::evaluate_actions(std::size_t lane) {
  const bool first = tried_++ == 0;
  if (first || lane_return_[lane] >= best_return_) {
    const std::span<const double> parameters = parameters_of(lane);
    parameters_.assign(parameters.begin(), parameters.end());
    best_return_ = lane_return_[lane];
    noise_ = std::max(noise_ / 2, config_.noise_min);
  } else {
    noise_ = std::min(noise_ * 2, config_.noise_max);
  }
}

std::span<double> HillClimbing::parameters_of(std::size_t lane) {
  return std::span<double>(lane_parameters_).subspan(lane * parameters_.size(), parameters_.size());
}

std::span<const double> HillClimbing::candidate_in(std::size_t lane) {
  return parameters_of(lane);
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

void HillClimbing::save(Checkpoint& checkpoint) const {
  SearchAgent::save(checkpoint);
  const auto lanes = static_cast<std::int64_t>(lane_return_.size());
  put_real(checkpoint, "agent/best_return", best_return_);
  put_real(checkpoint, "agent/noise", noise_);
  put_integer(checkpoint, "agent/tried", tried_);
  put_numbers<double>(checkpoint, "agent/lanes/parameters", lane_parameters_, Shape{lanes, parameter_shape()[0]});
  put_numbers(checkpoint, "agent/lanes/return", lane_return_);
}

void HillClimbing::load(const Checkpoint& checkpoint) {
  HillClimbing loaded = *this;  // so that a broken checkpoint changes nothing
  loaded.SearchAgent::load(checkpoint);
  const Shape lanes{static_cast<std::int64_t>(lane_return_.size())};
  loaded.best_return_ = take_real(checkpoint, "agent/best_return");
  loaded.noise_ = take_real(checkpoint, "agent/noise");
  loaded.tried_ = take_integer(checkpoint, "agent/tried");
  loaded.lane_parameters_ =
      take_numbers<double>(checkpoint, "agent/lanes/parameters", lanes.appended(parameter_shape()[0]));
  loaded.lane_return_ = take_numbers<double>(checkpoint, "agent/lanes/return", lanes);
  *this = std::move(loaded);
}

}  // namespace ludus::agents
