#include "agents/tabular/discretizer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "agents/core/policy.h"
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
    throw InvalidArgument("bins, low and high need one number for every dimension, and have " +
                          std::to_string(bins_.size()) + ", " + std::to_string(low_.size()) + " and " +
                          std::to_string(high_.size()));
  }
  std::int64_t states = 1;
  for (std::size_t d = 0; d < bins_.size(); ++d) {
    const std::string where = " of dimension " + std::to_string(d);
    if (bins_[d] < 1) {
      throw InvalidArgument("the bins" + where + " must be 1 or more, and are " + std::to_string(bins_[d]));
    }
    if (!std::isfinite(low_[d]) || !std::isfinite(high_[d]) || !std::isfinite(high_[d] - low_[d])) {
      throw InvalidArgument("the bounds" + where + " must be finite, and are " + std::to_string(low_[d]) + " and " +
                            std::to_string(high_[d]) + "; give low and high the range that matters");
    }
    if (low_[d] >= high_[d]) {
      throw InvalidArgument("the bounds" + where + " must obey low < high, and are " + std::to_string(low_[d]) +
                            " and " + std::to_string(high_[d]));
    }
    if (states > kMaxStates / bins_[d]) {
      throw InvalidArgument("the bins multiply to more than " + std::to_string(kMaxStates) +
                            " states; give fewer bins, or 1 to the dimensions that matter least");
    }
    states *= bins_[d];
  }
  states_ = static_cast<std::size_t>(states);
}

Discretizer Discretizer::of(const envs::Space& space, std::vector<std::int64_t> bins, std::vector<double> low,
                            std::vector<double> high, std::string_view owner) {
  std::vector<std::int64_t> counts, starts;
  if (discrete_parts(space, counts, starts)) {
    if (bins.size() > 1 || !low.empty() || !high.empty()) {
      throw InvalidArgument("bins, low and high are for Box observations; those of this environment are " +
                            space.to_string() + ", each of them a state already");
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
        std::string(owner) +
        " needs Box or discrete observations (Discrete, MultiDiscrete, or a Tuple of them), and these are " +
        space.to_string());
  }
  const std::size_t dimensions = box->flat_size();
  if (bins.size() == 1) bins.assign(dimensions, bins[0]);
  const bool own_low = low.empty(), own_high = high.empty();
  for (std::size_t d = 0; d < dimensions; ++d) {
    if (own_low) low.push_back(box->low().get(d));
    if (own_high) high.push_back(box->high().get(d));
  }
  if (bins.size() != dimensions) {
    throw InvalidArgument("the observations have " + std::to_string(dimensions) + " dimensions, and bins has " +
                          std::to_string(bins.size()) + " numbers; give one for each, or one for all");
  }
  return Discretizer(std::move(bins), std::move(low), std::move(high));
}

std::int64_t Discretizer::bin(std::size_t dimension, double value) const {
  const double low = low_[dimension];
  const double high = high_[dimension];
  if (std::isnan(value)) {
    throw NotANumber("number " + std::to_string(dimension) + " of an observation is NaN, which belongs to no bin");
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
