#include "agents/deep/normalizer.h"

#include <algorithm>
#include <cmath>

#include "nn/model/exported_policy.h"

namespace ludus::agents {
namespace {

constexpr double kEpsilon = 1e-8;  // against division by zero

}  // namespace

ObservationNormalizer::ObservationNormalizer(std::size_t observation_size, double limit)
    : limit_(limit), statistics_(Shape{static_cast<std::int64_t>(observation_size)}) {}

void ObservationNormalizer::learn(std::span<const float> rows) {
  statistics_.update(rows);
}

void ObservationNormalizer::apply(std::span<const float> rows, std::span<float> out) const {
  const auto mean = statistics_.mean().data<double>(), variance = statistics_.variance().data<double>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t k = i % mean.size();
    const double x = (static_cast<double>(rows[i]) - mean[k]) / std::sqrt(variance[k] + kEpsilon);
    out[i] = static_cast<float>(std::clamp(x, -limit_, limit_));
  }
}

nn::ObservationScaling ObservationNormalizer::scaling() const {
  const auto mean = statistics_.mean().data<double>(), variance = statistics_.variance().data<double>();
  nn::ObservationScaling scaling{.mean = {mean.begin(), mean.end()}, .scale = {}, .limit = limit_};
  for (const double square : variance) scaling.scale.push_back(1 / std::sqrt(square + kEpsilon));
  return scaling;
}

RewardNormalizer::RewardNormalizer(std::size_t num_envs, double discount, double limit)
    : discount_(discount), limit_(limit), returns_(num_envs, 0.0) {}

void RewardNormalizer::learn_and_apply(std::span<const double> rewards, std::span<const std::uint8_t> terminated,
                                       std::span<const std::uint8_t> truncated, std::span<float> out) {
  for (std::size_t i = 0; i < returns_.size(); ++i) returns_[i] = discount_ * returns_[i] + rewards[i];
  statistics_.update(std::span<const double>(returns_));
  const double deviation = std::sqrt(statistics_.variance().get(0) + kEpsilon);
  for (std::size_t i = 0; i < returns_.size(); ++i) {
    out[i] = static_cast<float>(std::clamp(rewards[i] / deviation, -limit_, limit_));
    // reset the return at the end of an episode, terminated or truncated
    if (terminated[i] || truncated[i]) returns_[i] = 0;
  }
}

}  // namespace ludus::agents
