// Noise added to the actions of a deterministic policy, so that it explores.
//
// Sources: independent normal noise, S. Fujimoto, H. van Hoof and D. Meger, "Addressing Function Approximation Error in
// Actor-Critic Methods" (ICML 2018), section 5; the process of G. E. Uhlenbeck and L. S. Ornstein, "On the Theory of the
// Brownian Motion" (Physical Review 36, 1930), used for exploration by T. P. Lillicrap et al., "Continuous control with
// deep reinforcement learning" (ICLR 2016), section 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/value.h"
#include "runs/schedule.h"

namespace ludus::agents {

class ActionNoise {
 public:
  enum class Kind : std::uint8_t { kNone, kNormal, kOrnsteinUhlenbeck };

  // All in the unit of actions scaled to [-1, 1].
  struct Options {
    Kind kind = Kind::kNone;
    runs::Schedule deviation = 0.1;  // σ
    double reversion = 0.15;         // θ of Ornstein and Uhlenbeck
    double time_step = 0.01;         // Δt of Ornstein and Uhlenbeck

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("noise", self.kind, "noise on the actions while training: \"none\", \"normal\" or \"ornstein_uhlenbeck\"");
      visit("noise_std", self.deviation, "σ of the noise, where the actions span [-1, 1]: a number or a schedule");
      visit("noise_reversion", self.reversion, "θ of Ornstein-Uhlenbeck noise, the pull back to zero");
      visit("noise_time_step", self.time_step, "Δt of Ornstein-Uhlenbeck noise");
    }
    void check() const;  // throws InvalidArgument
  };

  // For `num_envs` environments side by side with actions of `action_size` numbers. Throws InvalidArgument.
  ActionNoise(const Options& options, std::size_t num_envs, std::size_t action_size);

  // a ← clip(a + noise, -1, 1), for every environment and number of `actions` (num_envs x action_size), with σ as it is
  // when `progress_remaining` of the training lies ahead.
  void add_to(std::span<float> actions, double progress_remaining, Generator& generator);

  // The episode of that environment ended: what comes next does not depend on its noise.
  void reset(std::size_t env);

  // (num_envs x action_size): the present noise of Ornstein and Uhlenbeck's process; empty for the other kinds.
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

// A kind of noise as a field of a configuration (base/fields.h): its name.
void read_field(const Value& value, ActionNoise::Kind& field);
Value show_field(ActionNoise::Kind field);

}  // namespace ludus::agents
