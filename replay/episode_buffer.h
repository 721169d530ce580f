// A buffer of whole episodes of N parallel environments, as REINFORCE uses it.
#pragma once

#include <vector>

#include "replay/trajectory.h"

namespace ludus::replay {

/// Collects a fixed number of whole episodes; environment i contributes (episodes + i) / num_envs of them. Taking the
/// first episodes to finish would over-count short ones. Episodes spanning an update are dropped: after clear(),
/// collection in an environment resumes with its next episode.
class EpisodeBuffer {
 public:
  /// Throws InvalidArgument unless `episodes` and `num_envs` are positive, and as Trajectory.
  EpisodeBuffer(std::size_t episodes, std::size_t num_envs, const StepSizes& sizes);

  /// Returns the finished episodes, concatenated: the step after a row is the next row.
  Trajectory& steps() { return finished_; }
  const Trajectory& steps() const { return finished_; }
  std::size_t stride() const { return 1; }

  bool full() const;
  bool empty() const;  // no step that counts has been added since clear()
  void clear();
  void add(const StepRows& step);
  /// Drops the running episodes: the next step of every environment is the first of another one.
  void restart();

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("finished", self.finished_);
    visit("envs", self.envs_);
  }

 private:
  // The current episode of an environment, and the number of episodes remaining.
  struct EnvEpisode {
    Trajectory episode;
    std::int64_t remaining = 0;
    bool skipping = false;  // until the end of an episode that is not counted

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("episode", self.episode);
      visit("remaining", self.remaining);
      visit("skipping", self.skipping);
    }
  };

  std::size_t episodes_;
  std::vector<EnvEpisode> envs_;
  Trajectory finished_;
};

}  // namespace ludus::replay
