// Running mean and standard deviation of each observation dimension, and normalisation with them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ludus::agents {

/// The sums are updated with every observation; the normalisation changes only on refresh(), so that all episodes
/// between two refreshes use the same policy.
class ObservationMoments {
 public:
  explicit ObservationMoments(std::size_t size);

  /// Adds one observation (size).
  void add(std::span<const float> observation);
  /// Updates the normalisation with all observations so far. Constant dimensions are mapped to 0.
  void refresh();
  /// Computes (o - mean) / std; the observation unchanged before the first refresh().
  void normalize(std::span<const float> observation, std::span<float> out) const;

  std::int64_t count() const { return count_; }
  const std::vector<double>& mean() const { return mean_; }  // of all observations so far
  std::vector<double> variance() const;                      // population variance of all observations so far

  /// The parameters of normalize(), all that a policy needs.
  struct Scaling {
    std::vector<double> mean, scale;  // (size); scale = 1 / standard deviation

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("mean", self.mean);
      visit("scale", self.scale);
    }
  };
  const Scaling& scaling() const { return scaling_; }
  Scaling& scaling() { return scaling_; }

  /// The moments alone: scaling() is saved separately.
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("count", self.count_);
    visit("mean", self.mean_);
    visit("squares", self.squares_);
  }

 private:
  std::int64_t count_ = 0;
  std::vector<double> mean_;     // (size)
  std::vector<double> squares_;  // (size): Σ (o - mean)²
  Scaling scaling_;
};

}  // namespace ludus::agents
