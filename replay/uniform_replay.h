// A memory of transitions from which batches are drawn uniformly.
//
// Source: L.-J. Lin, "Self-Improving Reactive Agents Based On Reinforcement Learning, Planning and Teaching" (1992).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/value.h"
#include "envs/core/rng.h"

namespace ludus::replay {

// Transitions as arrays, one row each.
struct Batch {
  std::size_t size = 0;                  // n
  std::vector<float> observations;       // (n x observation_size)
  std::vector<float> actions;            // (n x action_size); whole numbers for discrete actions
  std::vector<float> rewards;            // (n)
  std::vector<float> next_observations;  // (n x observation_size)
  std::vector<float> terminated;         // (n) of 0 and 1: nothing follows. A truncated transition has 0 here
};

// Keeps the newest `capacity` transitions in a ring.
class UniformReplay {
 public:
  // All memory is taken at once. Throws InvalidArgument unless capacity and sizes are positive.
  UniformReplay(std::size_t capacity, std::size_t observation_size, std::size_t action_size);

  // Bytes that a memory of those measures takes.
  static std::size_t bytes_for(std::size_t capacity, std::size_t observation_size, std::size_t action_size);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  // Takes no `truncated`: an episode that was cut goes on as far as its values are concerned.
  void add(std::span<const float> observation, std::span<const float> action, float reward,
           std::span<const float> next_observation, bool terminated);

  // n transitions, each uniformly from all there are, with replacement; the memory of `out` is used again. Throws
  // InvalidArgument if there are none.
  void sample(std::size_t n, envs::Generator& generator, Batch& out) const;

  // Everything, as arrays by name; restore() throws TypeMismatch if the sizes are another memory's.
  Dict state() const;
  void restore(const Dict& state);

 private:
  std::size_t capacity_;
  std::size_t observation_size_;
  std::size_t action_size_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // where the next transition goes
  std::vector<float> observations_, actions_, rewards_, next_observations_, terminated_;  // capacity rows each
};

}  // namespace ludus::replay
