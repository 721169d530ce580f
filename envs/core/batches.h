// Batches of observations and actions, as vector environments, policies and agents exchange them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ludus::envs {

/// Actions of n environments, row-major (n x action_size): `discrete` for Discrete, MultiDiscrete and MultiBinary
/// spaces, `continuous` for a Box of floating-point numbers. The other one is empty.
struct ActionBatch {
  std::vector<std::int64_t> discrete;
  std::vector<float> continuous;
};

/// A view of the actions that VectorEnv::step() takes: of an ActionBatch, or of integers or floats in any memory. Valid
/// as long as the actions.
class ActionView {
 public:
  ActionView(const ActionBatch& actions)
      : discrete_(actions.discrete), continuous_(actions.continuous), is_continuous_(!actions.continuous.empty()) {}
  ActionView(std::span<const std::int64_t> actions) : discrete_(actions) {}
  ActionView(std::span<const float> actions) : continuous_(actions), is_continuous_(true) {}
  ActionView(const std::vector<std::int64_t>& actions) : discrete_(actions) {}
  ActionView(const std::vector<float>& actions) : continuous_(actions), is_continuous_(true) {}

  bool is_continuous() const { return is_continuous_; }
  std::span<const std::int64_t> discrete() const { return discrete_; }
  std::span<const float> continuous() const { return continuous_; }

  /// Returns f(actions) for the span that is in use.
  template <class F>
  decltype(auto) visit(F&& f) const {
    return is_continuous_ ? f(continuous_) : f(discrete_);
  }

 private:
  std::span<const std::int64_t> discrete_;
  std::span<const float> continuous_;
  bool is_continuous_ = false;
};

/// A view of the observations of n environments, for a policy to choose actions.
struct ObservationBatch {
  /// (n x observation_size), row-major.
  std::span<const float> rows;
  /// n, the number of rows.
  std::size_t size = 0;
  /// (n x action_mask_size) of 0 and 1: the allowed actions. Empty: all are allowed.
  std::span<const std::uint8_t> masks = {};
  /// (n): the environment of each row. Empty: row k is that of environment k.
  std::span<const std::size_t> envs = {};
  /// (n) of 0 and 1: whether a row is the first observation of an episode. Empty: not known.
  std::span<const std::uint8_t> episode_start = {};
};

}  // namespace ludus::envs
