// The steps of N environments since the last update, and the advantages of their actions.
//
// Source: J. Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (ICLR 2016,
// arXiv:1506.02438).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/value.h"

namespace ludus::replay {

// One step of N environments, as rows of numbers.
struct RolloutStep {
  std::span<const float> observations;       // (N x observation_size): what was acted upon
  std::span<const float> actions;            // (N x action_size)
  std::span<const std::uint8_t> masks;       // (N x mask_size) of 0 and 1; empty if there are none
  std::span<const float> rewards;            // (N)
  std::span<const float> next_observations;  // (N x observation_size): of an ended episode, its own last
  std::span<const std::uint8_t> terminated;  // (N) of 0 and 1
  std::span<const std::uint8_t> truncated;   // (N) of 0 and 1
};

struct Discounting {
  double discount = 0.99;    // γ
  double gae_lambda = 0.95;  // λ: 0 believes the value function after one step, 1 the rewards to the end
};

// What generalized_advantages() reads and writes: T steps of N environments, element t N + i, all of length T N.
struct AdvantageArrays {
  std::span<const float> rewards;
  std::span<const float> values;             // V(s_t)
  std::span<const float> next_values;        // V of what the step led to, s'_t: of an ended episode, its own last
  std::span<const std::uint8_t> terminated;  // of 0 and 1
  std::span<const std::uint8_t> truncated;   // of 0 and 1
  std::span<float> advantages;               // written: A_t
  std::span<float> returns;                  // written: A_t + V(s_t), what V(s_t) should have been
};

// Backwards in time, in every environment for itself:
//   δ_t = r_t + γ (1 − terminated_t) V(s'_t) − V(s_t)                                      Schulman et al. 2016, equation 10
//   A_t = δ_t + γ λ (1 − terminated_t) (1 − truncated_t) A_{t+1}                                            equation 16
// The two flags do different things. A truncated episode was cut, not ended: its last step still bootstraps from
// V(s'_t); but A_{t+1} belongs to another episode, and must not flow back over the border.
void generalized_advantages(const AdvantageArrays& arrays, std::size_t num_envs, const Discounting& discounting);

class Rollout {
 public:
  // Throws InvalidArgument unless all but `mask_size` are positive.
  Rollout(std::size_t steps, std::size_t num_envs, std::size_t observation_size, std::size_t action_size,
          std::size_t mask_size = 0);

  std::size_t rows() const { return steps_ * num_envs_; }  // T N
  bool full() const { return filled_ == steps_; }
  void clear();

  // Throws InvalidArgument if a length is not as stated; adding to a full rollout is the caller's mistake.
  void add(const RolloutStep& step);

  // Row t N + i is step t of environment i.
  std::span<const float> observations() const { return observations_; }  // (T N x observation_size)
  std::span<const float> actions() const { return actions_; }            // (T N x action_size)
  std::span<const std::uint8_t> masks() const { return masks_; }         // (T N x mask_size)

  // The observations from which there is nothing but a value to go on with: the last of every truncated episode, and
  // what the last step led to. (bootstrap_rows x observation_size)
  std::span<const float> bootstrap_observations() const { return bootstrap_observations_; }
  std::size_t bootstrap_rows() const { return bootstrap_steps_.size(); }

  // Computes the advantages from V of observations() (T N) and of bootstrap_observations(). The rollout must be full.
  // Throws InvalidArgument if a length is not as stated.
  void estimate(std::span<const float> values, std::span<const float> bootstrap_values,
                const Discounting& discounting);

  std::span<const float> values() const { return values_; }          // (T N), as given
  std::span<const float> advantages() const { return advantages_; }  // (T N)
  std::span<const float> returns() const { return returns_; }        // (T N)

  // The steps so far, as arrays by name; restore() throws TypeMismatch if the sizes are another rollout's.
  Dict state() const;
  void restore(const Dict& state);

 private:
  std::size_t steps_, num_envs_, observation_size_, action_size_, mask_size_;
  std::size_t filled_ = 0;  // steps
  std::vector<float> observations_, actions_, rewards_;
  std::vector<std::uint8_t> masks_, terminated_, truncated_;
  std::vector<float> bootstrap_observations_;
  std::vector<std::int64_t> bootstrap_steps_;  // the rows they follow
  std::vector<float> values_, advantages_, returns_;
};

}  // namespace ludus::replay
