// Whole episodes of N environments side by side: what REINFORCE learns from.
#pragma once

#include <vector>

#include "replay/trajectory.h"

namespace ludus::replay {

// Gathers a fixed number of episodes from their first steps to their last, environment i its share of them, (episodes +
// i) / num_envs. Were it the first that end, short episodes would be over-counted; and an episode in which the policy
// changed is nobody's: after clear() an environment is heard again only from its next episode on.
class EpisodeBuffer {
 public:
  // Throws InvalidArgument unless `episodes` and `num_envs` are positive, and as Steps.
  EpisodeBuffer(std::size_t episodes, std::size_t num_envs, const StepSizes& sizes);

  // The episodes that have ended, one after another: the step after a row is the next row.
  Trajectory& steps() { return finished_; }
  const Trajectory& steps() const { return finished_; }
  std::size_t stride() const { return 1; }

  bool full() const;
  void clear();
  void add(const StepRows& step);

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("finished", self.finished_);
    visit("envs", self.envs_);
  }

 private:
  // One environment: its present episode, and how many more are remaining of it.
  struct EnvEpisode {
    Trajectory episode;
    std::int64_t remaining = 0;
    bool skipping = false;  // for the end of an episode that is not to be counted

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
