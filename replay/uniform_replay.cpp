#include "replay/uniform_replay.h"

#include "base/error.h"

namespace ludus::replay {

UniformReplay::UniformReplay(const ReplayOptions& options) : ReplayBuffer(options) {
  if (options.priorities)
    throw InvalidArgument("uniform replay buffer: options.priorities must be empty; use PrioritizedReplay with them");
}

void UniformReplay::draw(std::size_t n, Generator& generator, Batch& out) const {
  for (std::size_t k = 0; k < n; ++k) {
    const auto i = static_cast<std::size_t>(generator.integers(static_cast<std::int64_t>(size())));
    // in a full ring, any order of the slots will do
    out.slots[k] = size() == capacity() ? i : slot_of(i);
    out.weights[k] = 1;
  }
}

}  // namespace ludus::replay
