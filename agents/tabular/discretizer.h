// Discretisation of observations to states of a table: a grid of bins between explicit, finite bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "envs/spaces/space.h"

namespace ludus::agents {

/// Thrown if an environment returns a NaN observation.
class NotANumber : public WorkError {
 public:
  using WorkError::WorkError;
};

/// Divides dimension d into bins[d] equal intervals between low[d] and high[d]. Values outside are clamped to the edge
/// bins, so that an unbounded velocity only needs its relevant range. A single bin ignores the dimension.
class Discretizer {
 public:
  /// Throws InvalidArgument unless the three have the same size of at least 1, all bins >= 1, every bound is finite and
  /// low < high, and the product of the bins is at most kMaxStates.
  Discretizer(std::vector<std::int64_t> bins, std::vector<double> low, std::vector<double> high);

  /// Creates a discretizer for an observation space. Box: a single number of bins applies to all dimensions, and empty
  /// bounds default to those of the space. Discrete, MultiDiscrete and Tuples of them: every element is a state; a
  /// single number of bins, the default of a Box, is ignored. Throws InvalidArgument if a bound is infinite or the
  /// sizes do not fit the space, and NotApplicable, naming `algorithm`, for other spaces.
  static Discretizer of(const envs::Space& space, std::vector<std::int64_t> bins, std::vector<double> low,
                        std::vector<double> high, std::string_view algorithm);

  std::size_t dimensions() const { return bins_.size(); }
  std::size_t states() const { return states_; }  // the product of the bins
  const std::vector<std::int64_t>& bins() const { return bins_; }
  const std::vector<double>& low() const { return low_; }
  const std::vector<double>& high() const { return high_; }

  /// Computes the bin of every dimension, (dimensions). Throws NotANumber if an element of the observation is NaN.
  void bins_of(std::span<const float> observation, std::span<std::int64_t> out) const;

  /// Returns the state: the row-major index of the bins (last dimension fastest), in [0, states).
  std::size_t state_of(std::span<const float> observation) const;

  static constexpr std::int64_t kMaxStates = std::int64_t{1} << 28;

 private:
  std::int64_t bin(std::size_t dimension, double value) const;

  std::vector<std::int64_t> bins_;
  std::vector<double> low_;
  std::vector<double> high_;
  std::size_t states_ = 1;
};

}  // namespace ludus::agents
