/// @file
/// A callback of an agent's training, which has episodes.
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

  /// Called when an episode has ended, before the update of the same step.
  virtual void on_episode(runs::Training&, const EpisodeEnd&) {}
};

}  // namespace ludus::agents
