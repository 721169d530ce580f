// Mean and deviation of every number of the observations seen so far, and observations brought to mean 0, deviation 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ludus::agents {

// Sums go on with every observation; what normalises stays as it is until refresh(), so that all episodes between two
// refreshments are played by the same policy.
class ObservationMoments {
 public:
  explicit ObservationMoments(std::size_t size);

  // Counts one observation (size).
  void add(std::span<const float> observation);
  // Normalises by all observations so far from here on. A number that has never changed is made 0.
  void refresh();
  // (o - mean) / deviation; the observation itself before the first refresh().
  void normalize(std::span<const float> observation, std::span<float> out) const;

  std::int64_t count() const { return count_; }
  const std::vector<double>& mean() const { return mean_; }  // of all so far
  std::vector<double> variance() const;                      // of all so far: the population's

  /// What normalize() uses, which is all that a policy needs.
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

  // The moments alone: scaling() is a state of its own.
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
