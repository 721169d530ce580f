// A replay buffer that samples uniformly.
#pragma once

#include "replay/replay_buffer.h"

namespace ludus::replay {

class UniformReplay final : public ReplayBuffer {
 public:
  /// Throws InvalidArgument as make_replay_buffer, and if the options have priorities.
  explicit UniformReplay(const ReplayOptions& options);

 private:
  void draw(std::size_t n, Generator& generator, Batch& out) const override;
};

}  // namespace ludus::replay
