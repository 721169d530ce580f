#include "agents/search/observation_moments.h"

#include <cmath>

namespace ludus::agents {
namespace {

constexpr double kSmallestDeviation = 1e-7;  // below it a dimension counts as constant, as in the authors' program

}  // namespace

ObservationMoments::ObservationMoments(std::size_t size)
    : mean_(size, 0.0), squares_(size, 0.0), scaling_{std::vector<double>(size, 0.0), std::vector<double>(size, 1.0)} {}

// n ← n + 1,  δ = o - mean,  mean ← mean + δ / n,  squares ← squares + δ (o - mean)      Welford 1962
void ObservationMoments::add(std::span<const float> observation) {
  ++count_;
  for (std::size_t k = 0; k < mean_.size(); ++k) {
    const double before = static_cast<double>(observation[k]) - mean_[k];
    mean_[k] += before / static_cast<double>(count_);
    squares_[k] += before * (static_cast<double>(observation[k]) - mean_[k]);
  }
}

std::vector<double> ObservationMoments::variance() const {
  std::vector<double> variance;
  for (const double squares : squares_) variance.push_back(count_ > 0 ? squares / static_cast<double>(count_) : 0.0);
  return variance;
}

void ObservationMoments::refresh() {
  scaling_.mean = mean_;
  const std::vector<double> all = variance();
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double deviation = std::sqrt(all[k]);
    scaling_.scale[k] = deviation < kSmallestDeviation ? 0.0 : 1.0 / deviation;
  }
}

void ObservationMoments::normalize(std::span<const float> observation, std::span<float> out) const {
  for (std::size_t k = 0; k < scaling_.mean.size(); ++k) {
    out[k] = static_cast<float>((static_cast<double>(observation[k]) - scaling_.mean[k]) * scaling_.scale[k]);
  }
}

}  // namespace ludus::agents
