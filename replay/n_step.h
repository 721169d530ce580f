// Single steps of environments turned into transitions of n steps.
//
// Source: R. S. Sutton, "Learning to Predict by the Methods of Temporal Differences" (1988). The windows are those of
// Stable-Baselines3's NStepReplayBuffer, which makes them when it draws; made when a step comes, they go with any memory.
#pragma once

#include <cstdint>
#include <vector>

#include "base/value.h"
#include "replay/replay_buffer.h"

namespace ludus::replay {

// For each environment the steps of its episode that are not yet followed by n rewards.
//
//   R = Σ_{i<k} γ^i r_{t+i},   discount γ^k,   s' = s_{t+k}
//
// k is n; but a window ends with its episode, whether that was terminated or truncated, and k < n for the last steps of
// it. Truncated windows still bootstrap: γ^k times the value of the episode's own last observation.
class NStep {
 public:
  // `discount`: γ in [0, 1]. Throws InvalidArgument unless the rest is positive.
  NStep(std::size_t n, double discount, std::size_t num_envs, const TransitionSizes& sizes);

  // One step of environment `env`; what it completes goes to `memory`: with n = 1 the step itself at once, else the
  // step of n − 1 steps ago, and all that are left when the episode is over. Throws InvalidArgument if there is no such
  // environment, or for sizes of others.
  void add(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward,
           std::span<const float> next_observation, bool terminated, bool truncated, ReplayBuffer& memory);

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
  // The steps of one environment that wait, in a ring of n.
  struct Window {
    std::size_t first = 0;  // where the oldest lies
    std::size_t count = 0;

    template <class Self, class Visit>
    static void columns(Self& self, Visit&& visit) {
      visit("first", self.first);
      visit("count", self.count);
    }
  };

  void check_windows(std::size_t num_envs) const;
  Shape rows(std::size_t width) const;                      // (num_envs n x width)
  std::size_t row(std::size_t env, std::size_t age) const;  // of the step of that age, 0 the oldest
  void push(std::size_t env, std::span<const float> observation, std::span<const float> action, float reward);
  void emit_oldest(std::size_t env, std::span<const float> next_observation, bool terminated, ReplayBuffer& memory);

  std::size_t n_;
  double discount_;
  TransitionSizes sizes_;
  std::vector<Window> windows_;                          // (num_envs)
  std::vector<float> observations_, actions_, rewards_;  // (num_envs x n) rows
};

}  // namespace ludus::replay
