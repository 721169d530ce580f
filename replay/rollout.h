// A fixed number of steps of N parallel environments, used for one update and then discarded, as in A2C and PPO.
#pragma once

#include "replay/trajectory.h"

namespace ludus::replay {

class Rollout {
 public:
  /// Throws InvalidArgument unless `length` and `num_envs` are positive, and as Trajectory.
  Rollout(std::size_t length, std::size_t num_envs, const StepSizes& sizes);

  /// Returns the steps: step t of environment i is row t num_envs + i, and the step after it is num_envs rows further.
  Trajectory& steps() { return steps_; }
  const Trajectory& steps() const { return steps_; }
  std::size_t stride() const { return num_envs_; }

  std::size_t capacity() const { return length_ * num_envs_; }  // rows
  bool full() const { return steps_.size() == capacity(); }
  bool empty() const { return steps_.size() == 0; }
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
