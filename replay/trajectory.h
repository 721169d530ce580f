// Steps of environments in temporal order, and the advantages of their actions.
//
// Source: J. Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (ICLR 2016,
// arXiv:1506.02438).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/state_fields.h"

namespace ludus::replay {

/// One step of N environments, as rows of numbers.
struct StepRows {
  std::span<const float> observations;       // (N x observation_size): before the step
  std::span<const float> actions;            // (N x action_size)
  std::span<const std::uint8_t> masks;       // (N x mask_size) of 0 and 1; empty if there are none
  std::span<const float> rewards;            // (N)
  std::span<const float> next_observations;  // (N x observation_size): at the end of an episode its last observation
  std::span<const std::uint8_t> terminated;  // (N) of 0 and 1
  std::span<const std::uint8_t> truncated;   // (N) of 0 and 1
};

struct StepSizes {
  std::size_t observation = 0;  // numbers in an observation
  std::size_t action = 0;       // numbers in an action
  std::size_t mask = 0;         // numbers in a mask; 0: no masks
};

struct Discounting {
  double discount = 0.99;    // γ
  double gae_lambda = 0.95;  // λ: 0: one-step TD; 1: Monte Carlo
};

/// n rows, one for each step of one environment.
class Trajectory {
 public:
  /// Throws InvalidArgument if the size of observations or actions is 0.
  explicit Trajectory(const StepSizes& sizes);

  std::size_t size() const { return rewards_.size(); }  // n
  void clear();
  void reserve(std::size_t rows);

  /// Appends row `env` of the step. `last`: the rows of this environment end here without the end of the episode, so
  /// that the step bootstraps; a truncated step always does.
  void add(const StepRows& step, std::size_t env, bool last);
  void append(const Trajectory& others);

  std::span<const float> observations() const { return observations_; }  // (n x observation)
  std::span<const float> actions() const { return actions_; }            // (n x action)
  std::span<const std::uint8_t> masks() const { return masks_; }         // (n x mask)

  /// Returns the observations to bootstrap from, of truncated and of `last` steps, in the order of adding: (m x
  /// observation).
  std::span<const float> bootstrap_observations() const { return bootstrap_observations_; }

  /// Computes advantages and returns from V of observations() (n) and of bootstrap_observations() (m). The step after
  /// row k is row k + stride: N for N parallel environments, 1 for concatenated episodes. The last row of each sequence
  /// must be `last`, terminated or truncated. Throws InvalidArgument if a length is wrong.
  void estimate(std::span<const float> values, std::span<const float> bootstrap_values, std::size_t stride,
                const Discounting& discounting);

  std::span<const float> values() const { return values_; }          // (n), as passed to estimate()
  std::span<const float> advantages() const { return advantages_; }  // (n)
  std::span<const float> returns() const { return returns_; }        // (n): value targets

  /// The rows, without values, advantages and returns (base/state_fields.h).
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("observations", self.observations_, AnyLength{self.sizes_.observation});
    visit("actions", self.actions_, AnyLength{self.sizes_.action});
    visit("masks", self.masks_, AnyLength{self.sizes_.mask});
    visit("rewards", self.rewards_, AnyLength{});
    visit("terminated", self.terminated_, AnyLength{});
    visit("truncated", self.truncated_, AnyLength{});
    visit("bootstrap_observations", self.bootstrap_observations_, AnyLength{self.sizes_.observation});
    visit("bootstrap_rows", self.bootstrap_rows_, AnyLength{});
    visit.check([&] { self.check_rows(); });
    if constexpr (!std::is_const_v<Self>) visit.at_commit([&self] { self.clear_estimates(); });
  }

 private:
  void check_rows() const;
  void clear_estimates();

  StepSizes sizes_;
  std::vector<float> observations_, actions_, rewards_;
  std::vector<std::uint8_t> masks_, terminated_, truncated_;
  std::vector<float> bootstrap_observations_;
  std::vector<std::int64_t> bootstrap_rows_;  // (m): the row that each one follows
  std::vector<float> values_, advantages_, returns_;
};

}  // namespace ludus::replay
