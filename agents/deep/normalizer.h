// Observations and rewards brought to a common scale as the training goes on: what makes one setting do for many tasks.
//
// Source: Stable-Baselines3's VecNormalize; L. Engstrom et al., "Implementation Matters in Deep Policy Gradients" (ICLR
// 2020, arXiv:2005.12729), section 3, for the rewards.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "envs/wrappers/running_mean_std.h"

namespace ludus::agents {

// x ← clip((x − μ) / √(σ² + 1e-8), ±limit), each number of an observation by its own mean and variance.
class ObservationNormalizer {
 public:
  ObservationNormalizer(std::size_t observation_size, double limit);

  void learn(std::span<const float> rows);                              // takes (n x observation_size) into μ and σ²
  void apply(std::span<const float> rows, std::span<float> out) const;  // both (n x observation_size)

  const envs::RunningMeanStd& statistics() const { return statistics_; }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    envs::RunningMeanStd::state(self.statistics_, visit);
  }

 private:
  double limit_;
  envs::RunningMeanStd statistics_;
};

// r ← clip(r / √(variance of the discounted return + 1e-8), ±limit). The mean is not subtracted, which would change the
// task. R ← γ R + r is the discounted return of the steps up to now, and begins anew with each episode.
class RewardNormalizer {
 public:
  RewardNormalizer(std::size_t num_envs, double discount, double limit);

  // The N rewards of a step, taken into the variance and divided: `out` (N).
  void learn_and_apply(std::span<const double> rewards, std::span<const std::uint8_t> terminated,
                       std::span<const std::uint8_t> truncated, std::span<float> out);

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
