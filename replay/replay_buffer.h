// Replay buffers: transitions from which batches are sampled.
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

/// Prioritised replay, proportional variant (Schaul et al. 2016, section 3.3): p = (|δ| + ε)^α.
struct PriorityOptions {
  double alpha = 0.6;     // α in [0, 1]: 0 samples uniformly, 1 in proportion to the errors
  double epsilon = 1e-6;  // ε > 0: keeps zero-error transitions sampleable
};

struct ReplayOptions {
  std::size_t capacity = 0;          // transitions
  std::size_t observation_size = 0;  // numbers
  std::size_t action_size = 0;       // numbers
  /// 0: observations are stored as rows of floats. Otherwise the bytes of one frame: observations are stacks of
  /// observation_size / frame_size frames, oldest first, of integers in [0, 255], and each frame is stored once.
  std::size_t frame_size = 0;
  std::optional<PriorityOptions> priorities = {};  // none: uniform sampling
};

/// Stores the newest transitions in a ring of slots.
class ReplayBuffer {
 public:
  virtual ~ReplayBuffer() = default;

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return options_.capacity; }

  /// Stores a transition, replacing the oldest one if the buffer is full. With frames, more than one transition may be
  /// dropped if the frame pool is full: see replay/frame_store.h. Throws InvalidArgument, and changes nothing, if sizes
  /// differ from the options or pixels are not integers in [0, 255].
  void add(const Transition& transition);

  /// Samples n transitions with replacement; the arrays of `out` are reused. Throws InvalidArgument if the buffer is
  /// empty.
  void sample(std::size_t n, Generator& generator, Batch& out) const;

  /// Sets the priorities of `slots` from their TD errors |δ|. Must be called for a sampled batch before anything is
  /// added. No effect on a uniform buffer.
  virtual void update_priorities(std::span<const std::size_t> slots, std::span<const float> errors);

  /// Sets the importance-sampling exponent β in [0, 1]; 1 corrects fully. In a uniform buffer all
  /// weights are 1.
  virtual void set_beta(double beta);

  /// Writes the transitions, oldest first (base/state_fields.h): a buffer that reads them samples the same batches.
  /// They are copied once, into the checkpoint, and from there into their slots.
  void write_state(StateWriter& state) const;
  void read_state(StateReader& state);

 protected:
  /// Allocates everything at once. Throws InvalidArgument unless capacity and sizes are positive.
  explicit ReplayBuffer(const ReplayOptions& options);

  /// Returns the slot of the transition of that age, 0 the oldest.
  std::size_t slot_of(std::size_t age) const { return (next_ + capacity() - size_ + age) % capacity(); }

  /// Samples n slots and their weights. The buffer is not empty.
  virtual void draw(std::size_t n, Generator& generator, Batch& out) const = 0;

  /// Called after a transition is stored, and after one is dropped without being replaced.
  virtual void stored(std::size_t /*slot*/) {}
  virtual void forgotten(std::size_t /*slot*/) {}

  /// The state of the sampling method.
  virtual void write_priorities(const Slots& /*slots*/, StateWriter& /*state*/) const {}
  virtual void read_priorities(const Slots& /*slots*/, StateReader& /*state*/) {}

 private:
  void forget_oldest();
  Slots slots(std::size_t size,
              std::size_t next) const;  // in use, if the newest of `size` transitions is in the slot before `next`

  ReplayOptions options_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // slot of the next transition
  std::unique_ptr<ObservationStore> observations_;
  std::vector<float> actions_, rewards_, terminated_, discounts_;  // capacity rows each
};

/// Creates the buffer for the options. Throws InvalidArgument if they are out of range.
std::unique_ptr<ReplayBuffer> make_replay_buffer(const ReplayOptions& options);

/// Returns the bytes that the buffer allocates: a double, because settings may ask for more than any machine has.
double replay_bytes(const ReplayOptions& options);

}  // namespace ludus::replay
