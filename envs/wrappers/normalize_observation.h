/// @file
/// Observations normalised by running statistics.
#pragma once

#include "envs/wrappers/running_mean_std.h"
#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

/// Returns (observation − mean) / √(variance + epsilon) as float32, with the moments of all observations so far,
/// including those of resets. Statistics are float32 for float32 observations and double otherwise, as NumPy's are;
/// freeze them for evaluation (CarriesStatistics).
class NormalizeObservation final : public ObservationWrapper, public CarriesStatistics {
 public:
  /// Throws InvalidArgument unless observations are arrays or numbers.
  explicit NormalizeObservation(EnvPtr env, double epsilon = 1e-8);

  Space& observation_space() override { return *space_; }

 protected:
  void observe(const Value& inside, Value& out) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double epsilon_;
  SpacePtr space_;
  Value numbers_;  ///< scratch: an observation in the statistics' dtype
};

/// Computes (numbers − mean) / √(variance + epsilon) in the statistics' dtype and rounds to float32. Shared by the
/// single and the vector wrapper (row by row).
void normalize(std::span<const float> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out);
void normalize(std::span<const double> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out);

/// Returns float32 for a space of float32 arrays, float64 for any other.
DType statistics_dtype(const Space& space);

}  // namespace ludus::envs
