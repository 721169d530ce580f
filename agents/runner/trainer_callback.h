/// @file
/// A callback for the training of an agent, with a hook for episodes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runs/callback.h"

namespace ludus::agents {

class Trainer;

struct EpisodeEnd {
  std::size_t env = 0;        ///< index of the environment
  double episode_return = 0;  ///< sum of rewards, undiscounted
  std::int64_t length = 0;    ///< steps
};

class TrainerCallback : public runs::Callback {
 public:
  /// Called when the callback is added to a trainer.
  virtual void attach(Trainer&) {}

  /// Called at the end of an episode, before the update of the same step.
  virtual void on_episode(runs::Training&, const EpisodeEnd&) {}
};

}  // namespace ludus::agents
