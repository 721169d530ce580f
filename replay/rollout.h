// A fixed number of steps of N environments side by side: what A2C and PPO learn from, once, before they forget it.
#pragma once

#include "replay/trajectory.h"

namespace ludus::replay {

class Rollout {
 public:
  // Throws InvalidArgument unless `length` and `num_envs` are positive, and as Steps.
  Rollout(std::size_t length, std::size_t num_envs, const StepSizes& sizes);

  // Step t of environment i is row t num_envs + i; the step after it is num_envs rows further.
  Trajectory& steps() { return steps_; }
  const Trajectory& steps() const { return steps_; }
  std::size_t stride() const { return num_envs_; }

  bool full() const { return steps_.size() == length_ * num_envs_; }
  void clear() { steps_.clear(); }
  void add(const StepRows& step);  // must not be full

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    Trajectory::state(self.steps_, visit);
    visit.check([&] { self.check_rows(); });
  }

 private:
  void check_rows() const;

  std::size_t length_;  // steps of each environment
  std::size_t num_envs_;
  Trajectory steps_;
};

}  // namespace ludus::replay
