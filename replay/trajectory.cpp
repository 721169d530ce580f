#include "replay/trajectory.h"

#include <string>

#include "base/error.h"
#include "base/format.h"

namespace ludus::replay {
namespace {

template <class T>
void append_row(std::vector<T>& to, std::span<const T> rows, std::size_t row, std::size_t width) {
  const auto values = rows.subspan(row * width, width);
  to.insert(to.end(), values.begin(), values.end());
}

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Trajectory::Trajectory(const StepSizes& sizes) : sizes_(sizes) {
  if (sizes.observation == 0 || sizes.action == 0) {
    throw InvalidArgument(formatted("trajectory: observation and action sizes must be positive, got {} and {}",
                                    sizes.observation, sizes.action));
  }
}

void Trajectory::clear_estimates() {
  for (auto* numbers : {&values_, &advantages_, &returns_}) numbers->clear();
}

void Trajectory::check_rows() const {
  const std::size_t n = size(), m = bootstrap_rows_.size();
  if (observations_.size() != n * sizes_.observation || actions_.size() != n * sizes_.action ||
      masks_.size() != n * sizes_.mask || terminated_.size() != n || truncated_.size() != n ||
      bootstrap_observations_.size() != m * sizes_.observation) {
    throw TypeMismatch(formatted("trajectory: each array must have a row for each of the {} steps", n));
  }
  for (const std::int64_t row : bootstrap_rows_) {
    if (row >= 0 && row < static_cast<std::int64_t>(n)) continue;
    throw InvalidArgument(formatted("trajectory: bootstrap_rows must lie in [0, {}), got {}", n, row));
  }
}

void Trajectory::clear() {
  clear_estimates();
  for (auto* numbers : {&observations_, &actions_, &rewards_, &bootstrap_observations_}) numbers->clear();
  for (auto* flags : {&masks_, &terminated_, &truncated_}) flags->clear();
  bootstrap_rows_.clear();
}

void Trajectory::reserve(std::size_t rows) {
  observations_.reserve(rows * sizes_.observation);
  actions_.reserve(rows * sizes_.action);
  masks_.reserve(rows * sizes_.mask);
}

void Trajectory::add(const StepRows& step, std::size_t env, bool last) {
  const bool terminated = step.terminated[env] != 0, truncated = step.truncated[env] != 0;
  if (!terminated && (truncated || last)) {
    bootstrap_rows_.push_back(static_cast<std::int64_t>(size()));
    append_row(bootstrap_observations_, step.next_observations, env, sizes_.observation);
  }
  append_row(observations_, step.observations, env, sizes_.observation);
  append_row(actions_, step.actions, env, sizes_.action);
  append_row(masks_, step.masks, env, sizes_.mask);
  rewards_.push_back(step.rewards[env]);
  terminated_.push_back(terminated);
  truncated_.push_back(truncated);
}

void Trajectory::append(const Trajectory& others) {
  for (const std::int64_t row : others.bootstrap_rows_) {
    bootstrap_rows_.push_back(static_cast<std::int64_t>(size()) + row);
  }
  append_all(bootstrap_observations_, others.bootstrap_observations_);
  append_all(observations_, others.observations_);
  append_all(actions_, others.actions_);
  append_all(masks_, others.masks_);
  append_all(rewards_, others.rewards_);
  append_all(terminated_, others.terminated_);
  append_all(truncated_, others.truncated_);
}

// Backwards in time, with s'_t the observation after step t:
//   δ_t = r_t + γ (1 − terminated_t) V(s'_t) − V(s_t)                                 Schulman et al. 2016, equation 10
//   A_t = δ_t + γ λ (1 − terminated_t) (1 − truncated_t) A_{t+1}                                            equation 16
// The two flags differ: a truncated episode is not terminated, so its last step bootstraps from V(s'_t) of its last
// observation; but A_{t+1} belongs to another episode, and must not propagate across the boundary.
void Trajectory::estimate(std::span<const float> values, std::span<const float> bootstrap_values, std::size_t stride,
                          const Discounting& discounting) {
  const std::size_t n = size();
  if (values.size() != n || bootstrap_values.size() != bootstrap_rows_.size() || stride == 0 || n % stride != 0) {
    throw InvalidArgument(formatted(
        "trajectory: {} steps need {} values, {} bootstrap values and a stride that divides them, got {}, {} and {}", n,
        n, bootstrap_rows_.size(), values.size(), bootstrap_values.size(), stride));
  }
  values_.assign(values.begin(), values.end());
  advantages_.assign(n, 0.0f);
  returns_.assign(n, 0.0f);

  std::size_t bootstraps = bootstrap_values.size();  // those of later rows have been used
  for (std::size_t row = n; row-- > 0;) {
    const double value = static_cast<double>(values[row]);
    double next_value = 0, next_advantage = 0;
    if (bootstraps > 0 && bootstrap_rows_[bootstraps - 1] == static_cast<std::int64_t>(row)) {
      next_value = static_cast<double>(bootstrap_values[--bootstraps]);
    } else if (!terminated_[row] && row + stride < n) {
      next_value = static_cast<double>(values[row + stride]);
      next_advantage = static_cast<double>(advantages_[row + stride]);
    }
    const double delta = static_cast<double>(rewards_[row]) + discounting.discount * next_value - value;
    const double advantage = delta + discounting.discount * discounting.gae_lambda * next_advantage;
    advantages_[row] = static_cast<float>(advantage);
    returns_[row] = static_cast<float>(advantage + value);
  }
}

}  // namespace ludus::replay
