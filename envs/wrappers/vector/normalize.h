/// @file
/// Observations and rewards of vector environments, normalised by common running statistics.
#pragma once

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/running_mean_std.h"

namespace ludus::envs::vector {

/// As the single NormalizeObservation, with one set of moments for all environments, updated by each batch of rows.
class NormalizeObservation final : public VectorWrapper, public CarriesStatistics {
 public:
  /// Throws InvalidArgument for observations that are neither arrays nor numbers, and, as Gymnasium does, for every
  /// autoreset mode but next_step: in the others rows would be counted twice or not at all.
  explicit NormalizeObservation(VectorEnvPtr envs, double epsilon = 1e-8);

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) override;
  void after_step(const VectorStep& inside) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

 private:
  double epsilon_;
  std::vector<double> wide_;  ///< (N x observation_size), for statistics in double
};

/// As the single NormalizeReward, with one variance for the discounted returns of all environments. The returns are
/// float32, and the steps that only reset are left out, as in Gymnasium.
class NormalizeReward final : public VectorWrapper, public CarriesStatistics {
 public:
  explicit NormalizeReward(VectorEnvPtr envs, double gamma = 0.99, double epsilon = 1e-8);

  std::span<const float> discounted_returns() const { return discounted_returns_; }  // (N)

 protected:
  void after_step(const VectorStep& inside) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    CarriesStatistics::state(self, visit);
    visit("discounted_returns", self.discounted_returns_);
  }

 private:
  double gamma_, epsilon_;
  std::vector<float> discounted_returns_;  ///< (N)
  std::vector<float> stepped_;             ///< the returns of the environments that made a step
};

}  // namespace ludus::envs::vector
