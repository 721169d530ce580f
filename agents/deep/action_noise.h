// Exploration noise added to the actions of a deterministic policy.
//
// Sources: independent normal noise, S. Fujimoto, H. van Hoof and D. Meger, "Addressing Function Approximation Error in
// Actor-Critic Methods" (ICML 2018), section 5; the process of G. E. Uhlenbeck and L. S. Ornstein, "On the Theory of
// the Brownian Motion" (Physical Review 36, 1930), used for exploration by T. P. Lillicrap et al., "Continuous control
// with deep reinforcement learning" (ICLR 2016), section 3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/rng.h"
#include "base/value.h"
#include "runs/schedule.h"

namespace ludus::agents {

class ActionNoise {
 public:
  enum class Kind : std::uint8_t { kNone, kNormal, kOrnsteinUhlenbeck };
  static constexpr std::array<std::string_view, 3> kKindNames{"none", "normal", "ornstein_uhlenbeck"};

  /// All values refer to actions scaled to [-1, 1].
  struct Options {
    Kind kind = Kind::kNone;
    runs::Schedule deviation = 0.1;  // σ
    double reversion = 0.15;         // θ of Ornstein and Uhlenbeck
    double time_step = 0.01;         // Δt of Ornstein and Uhlenbeck

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("noise", self.kind, one_of(kKindNames), "exploration noise on actions during training");
      visit("noise_std", self.deviation, at_least(0),
            "standard deviation σ of the noise, for actions scaled to [-1, 1]: a number or a schedule");
      visit("noise_reversion", self.reversion, at_least(0), "rate of mean reversion θ of Ornstein-Uhlenbeck noise");
      visit("noise_time_step", self.time_step, above(0), "time step Δt of Ornstein-Uhlenbeck noise");
    }
    /// Throws InvalidArgument if the process would overshoot its mean.
    void check() const;
  };

  /// For `num_envs` parallel environments with actions of `action_size` dimensions. Throws InvalidArgument.
  ActionNoise(const Options& options, std::size_t num_envs, std::size_t action_size);

  /// Computes a ← clip(a + noise, -1, 1) for every row of `actions` (num_envs x action_size), with σ scheduled by the
  /// training's `progress_remaining`.
  void add_to(std::span<float> actions, double progress_remaining, Generator& generator);

  /// Resets the noise of an environment at the end of its episode.
  void reset(std::size_t env);

  /// Returns the current state of the Ornstein-Uhlenbeck process, (num_envs x action_size); empty for the other kinds.
  const std::vector<double>& process() const { return process_; }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("process", self.process_);
  }

 private:
  Options options_;
  std::size_t action_size_;
  std::vector<double> process_;
};

/// Reads and shows a kind of noise as a field of a configuration (base/fields.h), by its name.
void read_field(const Value& value, ActionNoise::Kind& field);
Value show_field(ActionNoise::Kind field);

}  // namespace ludus::agents
