// Conversion of single environment steps to n-step transitions.
//
// Source: R. S. Sutton, "Learning to Predict by the Methods of Temporal Differences" (1988). The windows equal those of
// Stable-Baselines3's NStepReplayBuffer, which builds them when sampling; here they are built when a step is added, so
// that they work with any replay buffer.
#pragma once

#include <cstdint>
#include <vector>

#include "base/value.h"
#include "replay/replay_buffer.h"

namespace ludus::replay {

/// For each environment, the steps of its episode that are not yet followed by n rewards.
///
///   R = Σ_{i<k} γ^i r_{t+i},   discount γ^k,   s' = s_{t+k}
///
/// k is n, except at the end of an episode, whether terminated or truncated, where k < n for the last steps. Truncated
/// windows still bootstrap: γ^k times the value of the episode's last observation.
class NStep {
 public:
  /// `discount`: γ in [0, 1]. Throws InvalidArgument unless the other arguments are positive.
  NStep(std::size_t n, double discount, std::size_t num_envs, const TransitionSizes& sizes);

  /// Adds a step of environment `env` and stores completed transitions in `buffer`: for n = 1 the step itself,
  /// otherwise the step n − 1 steps earlier, and all remaining steps at the end of an episode. Throws InvalidArgument
  /// if there is no such environment, or for wrong sizes.
  void add(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward,
           std::span<const float> next_observation, bool terminated, bool truncated, ReplayBuffer& buffer);

  /// The waiting steps (base/state_fields.h).
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    const std::size_t num_envs = self.windows_.size();
    visit("windows", self.windows_);
    visit("observations", self.observations_, self.rows(self.sizes_.observation));
    visit("actions", self.actions_, self.rows(self.sizes_.action));
    visit("rewards", self.rewards_);
    visit.check([&] { self.check_windows(num_envs); });
  }

 private:
  // The pending steps of one environment, in a ring of n.
  struct Window {
    std::size_t first = 0;  // position of the oldest
    std::size_t count = 0;

    template <class Self, class Visit>
    static void columns(Self& self, Visit&& visit) {
      visit("first", self.first);
      visit("count", self.count);
    }
  };

  void check_windows(std::size_t num_envs) const;
  Shape rows(std::size_t width) const;                      // (num_envs n x width)
  std::size_t row(std::size_t env, std::size_t age) const;  // age 0 is the oldest step
  void push(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward);
  void emit_oldest(std::size_t env, std::span<const float> next_observation, bool terminated, ReplayBuffer& buffer);

  std::size_t n_;
  double discount_;
  TransitionSizes sizes_;
  std::vector<Window> windows_;                          // (num_envs)
  std::vector<float> observations_, actions_, rewards_;  // (num_envs x n) rows
};

}  // namespace ludus::replay
