#include "replay/prioritized_replay.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/format.h"

namespace ludus::replay {
namespace {

const PriorityOptions& checked(const std::optional<PriorityOptions>& options) {
  if (!options)
    throw InvalidArgument("prioritised replay buffer: options.priorities must be set; use UniformReplay without them");
  if (!(options->alpha >= 0 && options->alpha <= 1 && options->epsilon > 0 && std::isfinite(options->epsilon))) {
    throw InvalidArgument(
        formatted("prioritised replay buffer: alpha must lie in [0, 1] and epsilon be positive, got {} and {}",
                  options->alpha, options->epsilon));
  }
  return *options;
}

// p = (|δ| + ε)^α                                                           Schaul et al. 2016, section 3.3, equation 1
double priority_of(double error, const PriorityOptions& options) {
  return std::pow(std::abs(error) + options.epsilon, options.alpha);
}

}  // namespace

PrioritizedReplay::PrioritizedReplay(const ReplayOptions& options)
    : ReplayBuffer(options), options_(checked(options.priorities)), priorities_(options.capacity) {}

void PrioritizedReplay::update_priorities(std::span<const std::size_t> slots, std::span<const float> errors) {
  if (slots.size() != errors.size()) {
    throw InvalidArgument(formatted("prioritised replay buffer: each transition must have one TD error, got {} for {}",
                                    errors.size(), slots.size()));
  }
  for (std::size_t k = 0; k < slots.size(); ++k) {
    if (!std::isfinite(errors[k]))
      throw InvalidArgument(formatted("prioritised replay buffer: TD errors must be finite, got {}", errors[k]));
    if (slots[k] >= capacity() || priorities_[slots[k]] == 0) {
      throw InvalidArgument(
          formatted("prioritised replay buffer: slot {} must hold a transition; update the slots of the last batch "
                    "before adding transitions",
                    slots[k]));
    }
    const double priority = priority_of(static_cast<double>(errors[k]), options_);
    priorities_.set(slots[k], priority);
    largest_ = std::max(largest_, priority);
  }
}

void PrioritizedReplay::set_beta(double beta) {
  if (!(beta >= 0 && beta <= 1)) {
    throw InvalidArgument(formatted("prioritised replay buffer: beta must lie in [0, 1], got {}", beta));
  }
  beta_ = beta;
}

// New transitions get the maximal priority so far, so that they are sampled soon.
void PrioritizedReplay::stored(std::size_t slot) {
  priorities_.set(slot, largest_);
}

void PrioritizedReplay::forgotten(std::size_t slot) {
  priorities_.set(slot, 0);
}

// P(i) = p_i / Σ_j p_j; sample k is uniform in the k-th of n equal strata of the total.
//
//   w_i = (N P(i))^{−β} / max_j w_j = (min_j p_j / p_i)^β       Schaul et al. 2016, algorithm 1: N and the total cancel
//
// The maximum is taken over the batch, not over the whole buffer.
void PrioritizedReplay::draw(std::size_t n, Generator& generator, Batch& out) const {
  const double part = priorities_.total() / static_cast<double>(n);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < n; ++k) {
    out.slots[k] = priorities_.find((static_cast<double>(k) + generator.random()) * part);
    least = std::min(least, priorities_[out.slots[k]]);
  }
  for (std::size_t k = 0; k < n; ++k) {
    out.weights[k] = static_cast<float>(std::pow(least / priorities_[out.slots[k]], beta_));
  }
}

void PrioritizedReplay::write_priorities(const Slots& slots, StateWriter& state) const {
  Array priorities(DType::kFloat64, {static_cast<std::int64_t>(slots->size())});
  for (std::size_t i = 0; i < slots->size(); ++i) priorities.data<double>()[i] = priorities_[(*slots)[i]];
  state("priorities", std::move(priorities));
  state("largest_priority", largest_);
  state("beta", beta_);
}

void PrioritizedReplay::read_priorities(const Slots& slots, StateReader& state) {
  const auto priorities = state.numbers<double>("priorities", {static_cast<std::int64_t>(slots->size())});
  state.check([&] {
    if (std::ranges::all_of(priorities, [](double p) { return p > 0 && std::isfinite(p); })) return;
    throw TypeMismatch("prioritised replay buffer: priorities must be finite and positive");
  });
  state("largest_priority", largest_);
  state("beta", beta_);
  state.at_commit([this, slots, priorities] {
    priorities_ = SumTree(capacity());
    for (std::size_t i = 0; i < slots->size(); ++i) priorities_.set((*slots)[i], priorities[i]);
  });
}

}  // namespace ludus::replay
