#include "agents/tabular/discretizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "agents/core/policy.h"
#include "base/format.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"

namespace ludus::agents {
namespace {

// Computes the number of elements and the first element of each dimension of the space, if all are discrete: Discrete,
// MultiDiscrete, and Tuples of them (such as Blackjack's observation). Returns false for any other space.
bool discrete_parts(const envs::Space& space, std::vector<std::int64_t>& counts, std::vector<std::int64_t>& starts) {
  if (const auto* discrete = dynamic_cast<const envs::Discrete*>(&space)) {
    counts.push_back(discrete->n());
    starts.push_back(discrete->start());
    return true;
  }
  if (const auto* multi = dynamic_cast<const envs::MultiDiscrete*>(&space)) {
    for (std::size_t k = 0; k < multi->nvec().size(); ++k) {
      counts.push_back(multi->nvec().data<std::int64_t>()[k]);
      starts.push_back(multi->start().data<std::int64_t>()[k]);
    }
    return true;
  }
  if (const auto* tuple = dynamic_cast<const envs::Tuple*>(&space)) {
    for (std::size_t k = 0; k < tuple->size(); ++k) {
      if (!discrete_parts(tuple->at(k), counts, starts)) return false;
    }
    return true;
  }
  return false;
}

}  // namespace

Discretizer::Discretizer(std::vector<std::int64_t> bins, std::vector<double> low, std::vector<double> high)
    : bins_(std::move(bins)), low_(std::move(low)), high_(std::move(high)) {
  if (bins_.empty() || bins_.size() != low_.size() || bins_.size() != high_.size()) {
    throw InvalidArgument(formatted("bins, low and high must have one number per dimension, got {}, {} and {}",
                                    bins_.size(), low_.size(), high_.size()));
  }
  std::int64_t states = 1;
  for (std::size_t d = 0; d < bins_.size(); ++d) {
    if (bins_[d] < 1) {
      throw InvalidArgument(formatted("bins of dimension {} must be at least 1, got {}", d, bins_[d]));
    }
    if (!std::isfinite(low_[d]) || !std::isfinite(high_[d]) || !std::isfinite(high_[d] - low_[d])) {
      throw InvalidArgument(
          formatted("bounds of dimension {} must be finite, got {} and {}; set low and high to the range that matters",
                    d, low_[d], high_[d]));
    }
    if (low_[d] >= high_[d]) {
      throw InvalidArgument(
          formatted("bounds of dimension {} must satisfy low < high, got {} and {}", d, low_[d], high_[d]));
    }
    if (states > kMaxStates / bins_[d]) {
      throw InvalidArgument(formatted(
          "bins: their product must be at most {} states; use fewer bins, or 1 for the dimensions that matter least",
          kMaxStates));
    }
    states *= bins_[d];
  }
  states_ = static_cast<std::size_t>(states);
}

Discretizer Discretizer::of(const envs::Space& space, std::vector<std::int64_t> bins, std::vector<double> low,
                            std::vector<double> high, std::string_view algorithm) {
  std::vector<std::int64_t> counts, starts;
  if (discrete_parts(space, counts, starts)) {
    if (bins.size() > 1 || !low.empty() || !high.empty()) {
      throw InvalidArgument(formatted(
          "bins, low and high must not be set for observations that are states already, got {}", space.to_string()));
    }
    // element start + k of a dimension is in its bin k
    for (std::size_t d = 0; d < counts.size(); ++d) {
      low.push_back(static_cast<double>(starts[d]) - 0.5);
      high.push_back(static_cast<double>(starts[d] + counts[d]) - 0.5);
    }
    return Discretizer(std::move(counts), std::move(low), std::move(high));
  }

  const auto* box = dynamic_cast<const envs::Box*>(&space);
  if (!box) {
    throw NotApplicable(
        formatted("{}: observations must be Box, Discrete, MultiDiscrete or a Tuple of the last two, got {}", algorithm,
                  space.to_string()));
  }
  const std::size_t dimensions = box->flat_size();
  if (bins.size() == 1) bins.assign(dimensions, bins[0]);
  const bool default_low = low.empty(), default_high = high.empty();
  for (std::size_t d = 0; d < dimensions; ++d) {
    if (default_low) low.push_back(box->low().get(d));
    if (default_high) high.push_back(box->high().get(d));
  }
  if (bins.size() != dimensions) {
    throw InvalidArgument(
        formatted("bins must have one number, or one for each of the {} dimensions of an observation, got {}",
                  dimensions, bins.size()));
  }
  return Discretizer(std::move(bins), std::move(low), std::move(high));
}

std::int64_t Discretizer::bin(std::size_t dimension, double value) const {
  const double low = low_[dimension];
  const double high = high_[dimension];
  if (std::isnan(value)) {
    throw NotANumber(
        formatted("observation: numbers must not be NaN, which belongs to no bin, got NaN in dimension {}", dimension));
  }
  if (value <= low) return 0;
  if (value >= high) return bins_[dimension] - 1;
  const auto index = static_cast<std::int64_t>((value - low) / (high - low) * static_cast<double>(bins_[dimension]));
  return std::min(index, bins_[dimension] - 1);  // the product may round up to the number of bins
}

void Discretizer::bins_of(std::span<const float> observation, std::span<std::int64_t> out) const {
  for (std::size_t d = 0; d < bins_.size(); ++d) out[d] = bin(d, static_cast<double>(observation[d]));
}

std::size_t Discretizer::state_of(std::span<const float> observation) const {
  std::int64_t state = 0;
  for (std::size_t d = 0; d < bins_.size(); ++d) {
    state = state * bins_[d] + bin(d, static_cast<double>(observation[d]));
  }
  return static_cast<std::size_t>(state);
}

}  // namespace ludus::agents
