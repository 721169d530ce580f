// Observations with mean 0 and variance 1, as far as seen.
#pragma once

#include "envs/wrappers/running_mean_std.h"
#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

// (observation − mean) / √(variance + epsilon) as float32, with the moments of all observations so far, those of resets
// included. Statistics (CarriesStatistics: freeze them to evaluate) are float32 for float32 observations and double for all others, as NumPy's are.
class NormalizeObservation final : public ObservationWrapper, public CarriesStatistics {
 public:
  // Needs observations that are arrays or numbers; throws InvalidArgument otherwise.
  explicit NormalizeObservation(EnvPtr env, double epsilon = 1e-8);

  Space& observation_space() override { return *space_; }

 protected:
  void observe(const Value& inside, Value& out) override;
  Value save() const override { return save_statistics(); }
  void restore(const Value& saved) override { restore_statistics(saved.as_dict()); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  double epsilon_;
  SpacePtr space_;
  Value numbers_;  // memory: an observation in the statistics' type
};

// (numbers − mean) / √(variance + epsilon), in the statistics' type, as float32: what both forms of the wrapper compute
// (the vector form row by row).
void normalize(std::span<const float> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out);
void normalize(std::span<const double> numbers, const RunningMeanStd& statistics, double epsilon, std::span<float> out);

// float32 for a space of float32 arrays, float64 for any other.
DType statistics_dtype(const Space& space);

}  // namespace ludus::envs
