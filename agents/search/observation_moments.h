// Mean and deviation of every number of the observations seen so far, and observations brought to mean 0, deviation 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ludus {
class Checkpoint;
}

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
  const std::vector<double>& used_mean() const { return used_mean_; }

  // The part that normalize() needs, and all of it. load…() throw CorruptCheckpoint, changing nothing.
  void save_used(Checkpoint& checkpoint) const;
  void load_used(const Checkpoint& checkpoint);
  void save(Checkpoint& checkpoint) const;
  void load(const Checkpoint& checkpoint);

 private:
  std::int64_t count_ = 0;
  std::vector<double> mean_;                    // (size)
  std::vector<double> squares_;                 // (size): Σ (o - mean)²
  std::vector<double> used_mean_, used_scale_;  // (size): what normalize() takes, scale = 1 / deviation
};

}  // namespace ludus::agents
