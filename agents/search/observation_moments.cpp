#include "agents/search/observation_moments.h"

#include <cmath>
#include <utility>

#include "agents/core/saved_state.h"
#include "base/checkpoint.h"

namespace ludus::agents {
namespace {

constexpr double kSmallestDeviation = 1e-7;  // below it a number counts as constant, as in the authors' program

}  // namespace

ObservationMoments::ObservationMoments(std::size_t size)
    : mean_(size, 0.0), squares_(size, 0.0), used_mean_(size, 0.0), used_scale_(size, 1.0) {}

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
  used_mean_ = mean_;
  const std::vector<double> all = variance();
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double deviation = std::sqrt(all[k]);
    used_scale_[k] = deviation < kSmallestDeviation ? 0.0 : 1.0 / deviation;
  }
}

void ObservationMoments::normalize(std::span<const float> observation, std::span<float> out) const {
  for (std::size_t k = 0; k < used_mean_.size(); ++k) {
    out[k] = static_cast<float>((static_cast<double>(observation[k]) - used_mean_[k]) * used_scale_[k]);
  }
}

void ObservationMoments::save_used(Checkpoint& checkpoint) const {
  put_numbers(checkpoint, "agent/normalizer/mean", used_mean_);
  put_numbers(checkpoint, "agent/normalizer/scale", used_scale_);
}

void ObservationMoments::load_used(const Checkpoint& checkpoint) {
  const Shape shape{static_cast<std::int64_t>(mean_.size())};
  auto mean = take_numbers<double>(checkpoint, "agent/normalizer/mean", shape);
  used_scale_ = take_numbers<double>(checkpoint, "agent/normalizer/scale", shape);
  used_mean_ = std::move(mean);
}

void ObservationMoments::save(Checkpoint& checkpoint) const {
  save_used(checkpoint);
  put_integer(checkpoint, "agent/normalizer/count", count_);
  put_numbers(checkpoint, "agent/normalizer/running_mean", mean_);
  put_numbers(checkpoint, "agent/normalizer/running_squares", squares_);
}

void ObservationMoments::load(const Checkpoint& checkpoint) {
  ObservationMoments loaded = *this;
  const Shape shape{static_cast<std::int64_t>(mean_.size())};
  loaded.load_used(checkpoint);
  loaded.count_ = take_integer(checkpoint, "agent/normalizer/count");
  loaded.mean_ = take_numbers<double>(checkpoint, "agent/normalizer/running_mean", shape);
  loaded.squares_ = take_numbers<double>(checkpoint, "agent/normalizer/running_squares", shape);
  *this = std::move(loaded);
}

}  // namespace ludus::agents
