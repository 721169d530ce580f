/// @file
/// Running mean and variance, for the normalising wrappers.
#pragma once

#include <span>

#include "base/state_fields.h"
#include "base/value.h"

namespace ludus::envs {

/// Moments of arrays of one shape, updated batch by batch (Chan, Golub and LeVeque 1979, as OpenAI Baselines and
/// Gymnasium use it). Initially mean 0 and variance 1 with count = epsilon. Bit-identical to NumPy: mean and variance
/// have `dtype`, moments of a batch the batch's type, the count is a double.
class RunningMeanStd {
 public:
  /// `dtype`: float32 or float64.
  explicit RunningMeanStd(Shape shape = {}, DType dtype = DType::kFloat64, double epsilon = 1e-4);

  /// Updates the moments by a batch (N x shape), row-major; T is float or double. An empty batch has no effect.
  template <class T>
  void update(std::span<const T> batch);

  const Array& mean() const { return mean_; }
  const Array& variance() const { return variance_; }
  double count() const { return count_; }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("mean", self.mean_);
    visit("variance", self.variance_);
    visit("count", self.count_);
  }

  friend bool operator==(const RunningMeanStd&, const RunningMeanStd&) = default;

 private:
  Array mean_, variance_;
  double count_;
};

/// Base of the normalising wrappers: the statistics, and whether they are updated. The flag is not part of the
/// statistics: an evaluation environment copies the statistics of the training environment and stays frozen.
class CarriesStatistics {
 public:
  RunningMeanStd& statistics() { return statistics_; }
  const RunningMeanStd& statistics() const { return statistics_; }
  bool update_running_mean() const { return update_; }
  void set_update_running_mean(bool update) { update_ = update; }

 protected:
  explicit CarriesStatistics(RunningMeanStd statistics) : statistics_(std::move(statistics)) {}

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("statistics", self.statistics_);
    visit("update_running_mean", self.update_);
  }
  template <class T>
  void learn(std::span<const T> batch) {
    if (update_) statistics_.update(batch);
  }

 private:
  RunningMeanStd statistics_;
  bool update_ = true;
};

extern template void RunningMeanStd::update(std::span<const float>);
extern template void RunningMeanStd::update(std::span<const double>);

}  // namespace ludus::envs
