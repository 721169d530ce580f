// A table of action values, and action selection from its rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "base/size_limit.h"

namespace ludus::agents {

/// Q: (states x actions), row-major.
class ActionValues {
 public:
  ActionValues(std::size_t states, std::size_t actions, double initial)
      : actions_(actions), numbers_(checked_size(states, actions), initial) {}

  std::size_t states() const { return numbers_.size() / actions_; }
  std::size_t actions() const { return actions_; }

  double& operator()(std::size_t state, std::size_t action) { return numbers_[state * actions_ + action]; }
  double operator()(std::size_t state, std::size_t action) const { return numbers_[state * actions_ + action]; }
  /// Q(s, ·)
  std::span<const double> row(std::size_t state) const {
    return std::span<const double>(numbers_).subspan(state * actions_, actions_);
  }

  std::vector<double>& numbers() { return numbers_; }
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  static std::size_t checked_size(std::size_t states, std::size_t actions) {
    SizeLimit::require(sizeof(double) * static_cast<double>(states) * static_cast<double>(actions));
    return states * actions;
  }

  std::size_t actions_;
  std::vector<double> numbers_;
};

/// max_a Q(s,a)
inline double greatest(std::span<const double> values) {
  return *std::max_element(values.begin(), values.end());
}

/// argmax_a Q(s,a), the first of equals: the deterministic action.
inline std::size_t first_greatest(std::span<const double> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// argmax_a Q(s,a) with ties broken uniformly: in a constant table, the first action would be tried for ever. Throws
/// WorkError if a value is NaN.
std::size_t random_greatest(std::span<const double> values, Generator& generator);

/// Returns a uniformly random action with probability ε, otherwise random_greatest().
std::size_t epsilon_greedy(std::span<const double> values, double epsilon, Generator& generator);

/// Σ_a π(a|s) Q(s,a) of the ε-greedy policy: ε times the mean plus 1 - ε times the maximum, however ties are broken.
double epsilon_greedy_value(std::span<const double> values, double epsilon);

/// π(a|s) of the greedy policy with ties broken uniformly.
double greedy_probability(std::span<const double> values, std::size_t action);

}  // namespace ludus::agents
