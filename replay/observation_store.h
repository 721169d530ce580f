// Where the observations of a replay memory lie: apart from how they are drawn.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/state_fields.h"

namespace ludus::replay {

// Slots in use, oldest first. Shared, for they are needed until a state has been read.
using Slots = std::shared_ptr<const std::vector<std::size_t>>;

// A pair of observations, what was acted upon and what came of it, in each of a number of slots.
class ObservationStore {
 public:
  virtual ~ObservationStore() = default;

  // Puts a pair into `slot`, in the place of what lay there. False if there is no room for it until another slot is
  // released; `slot` is empty then. Throws InvalidArgument, and changes nothing, if the store cannot hold such numbers.
  virtual bool put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) = 0;

  // Empties a slot; an empty one stays so.
  virtual void release(std::size_t slot) = 0;

  // The pair in `slot`, which is not empty.
  virtual void get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const = 0;

  /// Writes the pairs in `slots`, which are all there are; reading puts them into as many slots, and empties all others
  /// (base/state_fields.h).
  virtual void write_state(const Slots& slots, StateWriter& state) const = 0;
  virtual void read_state(const Slots& slots, StateReader& state) = 0;
};

}  // namespace ludus::replay
