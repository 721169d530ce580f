// Whole episodes of N environments side by side: what REINFORCE learns from.
#pragma once

#include <vector>

#include "replay/steps.h"

namespace ludus::replay {

// Gathers a fixed number of episodes from their first steps to their last, environment i its share of them, (episodes +
// i) / num_envs. Were it the first that end, short episodes would be over-counted; and an episode in which the policy
// changed is nobody's: after clear() an environment is heard again only from its next episode on.
class Episodes {
 public:
  // Throws InvalidArgument unless `episodes` and `num_envs` are positive, and as Steps.
  Episodes(std::size_t episodes, std::size_t num_envs, const StepSizes& sizes);

  // The episodes that have ended, one after another: the step after a row is the next row.
  Steps& steps() { return finished_; }
  const Steps& steps() const { return finished_; }
  std::size_t stride() const { return 1; }

  bool full() const;
  void clear();
  void add(const StepRows& step);

  Dict state() const;
  void restore(const Dict& state);  // throws TypeMismatch

 private:
  // One environment: its present episode, and how many more are wanted of it.
  struct Lane {
    Steps episode;
    std::int64_t wanted = 0;
    bool waits = false;  // for the end of an episode that is not to be counted
  };

  std::size_t episodes_;
  std::vector<Lane> lanes_;
  Steps finished_;
};

}  // namespace ludus::replay
