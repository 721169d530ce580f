// Where the observations of a replay memory lie: apart from how they are drawn.
#pragma once

#include <cstddef>
#include <span>

#include "base/value.h"

namespace ludus::replay {

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

  // Writes the pairs in `slots`, which are all there are, into `state` as arrays; restore() puts them into the slots of
  // its own, as many, and empties all others. It throws TypeMismatch if the sizes are another store's.
  virtual void save(std::span<const std::size_t> slots, Dict& state) const = 0;
  virtual void restore(std::span<const std::size_t> slots, const Dict& state) = 0;
};

}  // namespace ludus::replay
