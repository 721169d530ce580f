// Storage of the observations of a replay buffer, independent of how they are sampled.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/state_fields.h"

namespace ludus::replay {

/// The slots in use, oldest first. Shared, because they are needed until a state has been read.
using Slots = std::shared_ptr<const std::vector<std::size_t>>;

/// A store of pairs (observation, next observation), one per slot.
class ObservationStore {
 public:
  virtual ~ObservationStore() = default;

  /// Stores a pair in `slot`, replacing its content. Returns false if there is no room until another slot is released;
  /// `slot` is then empty. Throws InvalidArgument, and changes nothing, if the store cannot represent the numbers.
  virtual bool put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) = 0;

  /// Empties a slot; no effect on an empty one.
  virtual void release(std::size_t slot) = 0;

  /// Reads the pair in `slot`, which must not be empty.
  virtual void get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const = 0;

  /// Writes the pairs in `slots`, which must be all slots in use. Reading fills as many slots and empties all others
  /// (base/state_fields.h).
  virtual void write_state(const Slots& slots, StateWriter& state) const = 0;
  virtual void read_state(const Slots& slots, StateReader& state) = 0;
};

}  // namespace ludus::replay
