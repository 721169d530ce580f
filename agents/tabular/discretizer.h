// Observations as states of a table: a grid of bins between explicit, finite bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "envs/spaces/space.h"

namespace ludus::agents {

// An environment gave an observation that is no number.
class NotANumber : public WorkError {
 public:
  using WorkError::WorkError;
};

// Dimension d is cut into bins[d] equal intervals between low[d] and high[d]. What lies outside belongs to the bin at the
// edge, so that an unbounded velocity needs only the range in which it matters. One bin ignores the dimension.
class Discretizer {
 public:
  // Throws InvalidArgument unless the three have one size of at least 1, every bins >= 1, every bound is finite and
  // low < high, and the bins multiply to at most kMaxStates.
  Discretizer(std::vector<std::int64_t> bins, std::vector<double> low, std::vector<double> high);

  // For a space of observations. Box: one number of bins stands for all dimensions, and absent bounds are the space's
  // own. Discrete, MultiDiscrete and Tuples of them: every element is a state; a single number of bins, being the
  // default of a Box, is ignored. Throws InvalidArgument where a bound is infinite or the numbers do not fit the space,
  // and NotApplicable, naming `owner`, for other spaces.
  static Discretizer of(const envs::Space& space, std::vector<std::int64_t> bins, std::vector<double> low,
                        std::vector<double> high, std::string_view owner);

  std::size_t dimensions() const { return bins_.size(); }
  std::size_t states() const { return states_; }  // the product of the bins
  const std::vector<std::int64_t>& bins() const { return bins_; }
  const std::vector<double>& low() const { return low_; }
  const std::vector<double>& high() const { return high_; }

  // The bin of every dimension, (dimensions). Throws NotANumber if a number of the observation is NaN.
  void bins_of(std::span<const float> observation, std::span<std::int64_t> out) const;

  // The state: the bins as one number, the last dimension fastest (row-major), in [0, states).
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
