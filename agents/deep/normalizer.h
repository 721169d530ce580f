// Running normalisation of observations and rewards.
//
// Source: Stable-Baselines3's VecNormalize; L. Engstrom et al., "Implementation Matters in Deep Policy Gradients" (ICLR
// 2020, arXiv:2005.12729), section 3, for the rewards.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "envs/wrappers/running_mean_std.h"

namespace ludus::nn {
struct ObservationScaling;
}

namespace ludus::agents {

/// x ← clip((x − μ) / √(σ² + 1e-8), ±limit), with a mean and variance per observation dimension.
class ObservationNormalizer {
 public:
  ObservationNormalizer(std::size_t observation_size, double limit);

  void learn(std::span<const float> rows);  // updates μ and σ² with (n x observation_size)
  void apply(std::span<const float> rows, std::span<float> out) const;  // both (n x observation_size)

  const envs::RunningMeanStd& statistics() const { return statistics_; }
  nn::ObservationScaling scaling() const;  // what apply() does

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    envs::RunningMeanStd::state(self.statistics_, visit);
  }

 private:
  double limit_;
  envs::RunningMeanStd statistics_;
};

/// r ← clip(r / √(variance of the discounted return + 1e-8), ±limit). The mean is not subtracted, which would change
/// the task. R ← γ R + r is the discounted return so far, reset at the end of each episode.
class RewardNormalizer {
 public:
  RewardNormalizer(std::size_t num_envs, double discount, double limit);

  /// Updates the variance with the N rewards of a step, and writes the normalised rewards to `out` (N).
  void learn_and_apply(std::span<const double> rewards, std::span<const std::uint8_t> terminated,
                       std::span<const std::uint8_t> truncated, std::span<float> out);

  /// Resets the discounted return of every environment, as at the end of its episode.
  void restart_episodes() { returns_.assign(returns_.size(), 0.0); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("statistics", self.statistics_);
    visit("returns", self.returns_);
  }

 private:
  double discount_, limit_;
  envs::RunningMeanStd statistics_;
  std::vector<double> returns_;  // (N): R
};

}  // namespace ludus::agents
