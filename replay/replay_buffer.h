// Memories of transitions from which batches are drawn.
//
// Source: L.-J. Lin, "Self-Improving Reactive Agents Based On Reinforcement Learning, Planning and Teaching" (1992).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "base/value.h"
#include "replay/batch.h"
#include "replay/observation_store.h"

namespace ludus::replay {

// Prioritised replay, proportional variant (Schaul et al. 2016, section 3.3): p = (|δ| + ε)^α.
struct PriorityOptions {
  double alpha = 0.6;     // α in [0, 1]: 0 draws uniformly, 1 in proportion to the errors
  double epsilon = 1e-6;  // ε > 0: what has no error is drawn now and then all the same
};

struct ReplayOptions {
  std::size_t capacity = 0;          // transitions
  std::size_t observation_size = 0;  // numbers
  std::size_t action_size = 0;       // numbers
  // 0: observations are kept as rows of floats. Else the bytes of one picture: observations are stacks of
  // observation_size / frame_size pictures, oldest first, of whole numbers in 0…255, each picture kept once.
  std::size_t frame_size = 0;
  std::optional<PriorityOptions> priorities = {};  // none: transitions are drawn uniformly
};

// Keeps the newest transitions in a ring of slots.
class ReplayBuffer {
 public:
  virtual ~ReplayBuffer() = default;

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return options_.capacity; }

  // Takes the place of the oldest transition where the memory is full. A memory of frames may let go more than one, when
  // it runs out of frames: see replay/frame_store.h. Throws InvalidArgument, and changes nothing, if sizes are not those
  // of the options or pixels not whole numbers in 0…255.
  void add(const Transition& transition);

  // n transitions with replacement; the memory of `out` is used again. Throws InvalidArgument if there are none.
  void sample(std::size_t n, Generator& generator, Batch& out) const;

  // The errors |δ| by which the transitions in `slots` were found wrong: those of a batch, before anything is added. A
  // uniform memory asks nothing of them.
  virtual void update_priorities(std::span<const std::size_t> slots, std::span<const float> errors);

  // β in [0, 1], how far the weights of a batch make up for uneven draws; a uniform memory's are 1 whatever it is.
  virtual void set_beta(double beta);

  /// The transitions, oldest first (base/state_fields.h): a buffer that reads them draws what this one would draw. They are
  /// copied once, into the checkpoint, and from there into their slots.
  void write_state(StateWriter& state) const;
  void read_state(StateReader& state);

 protected:
  // All memory is taken at once. Throws InvalidArgument unless capacity and sizes are positive.
  explicit ReplayBuffer(const ReplayOptions& options);

  // The slot of the transition of that age, 0 the oldest.
  std::size_t slot_of(std::size_t age) const { return (next_ + capacity() - size_ + age) % capacity(); }

  // Chooses n slots and their weights. The memory is not empty.
  virtual void draw(std::size_t n, Generator& generator, Batch& out) const = 0;

  // Told of every transition that comes, and of every one that goes without another in its slot.
  virtual void stored(std::size_t /*slot*/) {}
  virtual void forgotten(std::size_t /*slot*/) {}

  /// The state of the way of drawing.
  virtual void write_priorities(const Slots& /*slots*/, StateWriter& /*state*/) const {}
  virtual void read_priorities(const Slots& /*slots*/, StateReader& /*state*/) {}

 private:
  void forget_oldest();
  Slots slots(std::size_t size, std::size_t next) const;  // in use, where `size` transitions end before slot `next`

  ReplayOptions options_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // where the next transition goes
  std::unique_ptr<ObservationStore> observations_;
  std::vector<float> actions_, rewards_, terminated_, discounts_;  // capacity rows each
};

// The memory of those options. Throws InvalidArgument if they are not as stated there.
std::unique_ptr<ReplayBuffer> make_replay_buffer(const ReplayOptions& options);

// Bytes that it will take at once: a double, since settings may ask for more than any machine has.
double replay_bytes(const ReplayOptions& options);

}  // namespace ludus::replay
