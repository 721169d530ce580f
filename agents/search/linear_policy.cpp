#include "agents/search/linear_policy.h"

#include <algorithm>

namespace ludus::agents {

LinearPolicy::LinearPolicy(const EnvFacts& facts, bool bias, std::string_view algorithm)
    : observation_size_(facts.observation_size), bias_(bias) {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(facts.observation_space.get())) {
    one_hot_ = true;
    first_observation_ = discrete->start();
    features_ = static_cast<std::size_t>(discrete->n());
  } else if (facts.observation_space->kind() == "Box") {
    features_ = observation_size_;
  } else {
    throw NotApplicable(std::string(algorithm) + " needs Box or Discrete observations, and those of " + facts.spec.id +
                        " are " + facts.observation_space->to_string());
  }
  if (bias_) ++features_;

  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(facts.action_space.get())) {
    first_action_ = discrete->start();
    rows_ = discrete->n() == 2 ? 1 : static_cast<std::size_t>(discrete->n());
  } else if (const auto* box = dynamic_cast<const envs::Box*>(facts.action_space.get())) {
    rows_ = facts.action_size;
    for (std::size_t k = 0; k < rows_; ++k) {
      low_.push_back(static_cast<float>(box->low().get(k)));
      high_.push_back(static_cast<float>(box->high().get(k)));
    }
  } else {
    throw NotApplicable(std::string(algorithm) + " needs Discrete or Box actions, and those of " + facts.spec.id +
                        " are " + facts.action_space->to_string());
  }
}

double LinearPolicy::product(std::span<const double> weights, std::span<const float> observation) const {
  double sum = bias_ ? weights.back() : 0.0;
  if (one_hot_)
    return sum + weights[static_cast<std::size_t>(static_cast<std::int64_t>(observation[0]) - first_observation_)];
  for (std::size_t k = 0; k < observation.size(); ++k) sum += weights[k] * static_cast<double>(observation[k]);
  return sum;
}

void LinearPolicy::resize(std::size_t n, Actions& out) const {
  const bool box = !low_.empty();
  out.integers.resize(box ? 0 : n);
  out.reals.resize(box ? n * rows_ : 0);
}

void LinearPolicy::choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
                          Actions& out) const {
  const auto row = [&](std::size_t k) { return product(parameters.subspan(k * features_, features_), observation); };

  if (!low_.empty()) {
    for (std::size_t k = 0; k < rows_; ++k) {
      out.reals[i * rows_ + k] = std::clamp(static_cast<float>(row(k)), low_[k], high_[k]);
    }
    return;
  }
  std::size_t chosen = 0;
  if (rows_ == 1) {
    chosen = row(0) >= 0 ? 1 : 0;
  } else {
    double greatest = row(0);
    for (std::size_t k = 1; k < rows_; ++k) {
      if (const double value = row(k); value > greatest) greatest = value, chosen = k;
    }
  }
  out.integers[i] = first_action_ + static_cast<std::int64_t>(chosen);
}

void LinearPolicy::choose_all(std::span<const double> parameters, std::span<const float> observations, std::size_t n,
                              Actions& out) const {
  resize(n, out);
  for (std::size_t i = 0; i < n; ++i) {
    choose(parameters, observations.subspan(i * observation_size_, observation_size_), i, out);
  }
}

}  // namespace ludus::agents
