// Observations that are stacks of frames, with each frame stored once, as bytes.
//
// A stack of k frames shares k − 1 of them with its successor, so that a buffer of rows stores every frame 2k times, in
// four bytes per pixel. Here a frame is identified by its content, whichever wrapper stacked it; repeated frames that
// pad the start of an episode are shared too. A million frames of 84 x 84, as in Mnih et al. 2015, take 8.9 GB here,
// 226 GB as rows.
#pragma once

#include <cstdint>
#include <vector>

#include "replay/observation_store.h"

namespace ludus::replay {

/// Frames are stored in a pool of fixed size, allocated at once: capacity + capacity / 4 + 16 k frames. In the long run
/// there is one new frame per step, one more per episode, and one stack per environment; episodes of four steps or more
/// on average, in up to about 16 environments, always fit. If there are more frames, put() returns false: the buffer
/// then drops its oldest transitions early.
class FrameStore final : public ObservationStore {
 public:
  /// Throws InvalidArgument unless observations consist of whole frames, and if the number of frames exceeds 32 bits.
  FrameStore(std::size_t capacity, std::size_t observation_size, std::size_t frame_size);

  /// Returns the bytes that such a store allocates.
  static double bytes(std::size_t capacity, std::size_t observation_size, std::size_t frame_size);

  /// Throws InvalidArgument unless every number is an integer in [0, 255].
  bool put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) override;
  void release(std::size_t slot) override;
  void get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const override;
  void write_state(const Slots& slots, StateWriter& state) const override;
  void read_state(const Slots& slots, StateReader& state) override;

  std::size_t pool_size() const { return references_.size(); }
  std::size_t frames_used() const { return pool_size() - free_.size(); }

 private:
  using Frame = std::uint32_t;  // an index into the pool
  static constexpr Frame kNone = UINT32_MAX;

  // Returns the frame with that content, adding a reference; kNone if it is new and the pool is full.
  Frame acquire(std::span<const std::uint8_t> pixels);
  void fill(std::span<const std::size_t> slots, std::span<const Frame> stacks, std::span<const std::uint8_t> pixels);
  void drop(Frame frame);  // removes a reference; the last one frees the frame

  std::span<const std::uint8_t> content(Frame frame) const;
  std::span<Frame> frames_of(std::size_t slot);
  std::span<const Frame> frames_of(std::size_t slot) const;

  std::size_t frame_size_;                 // bytes
  std::size_t frames_in_observation_;      // k
  std::vector<std::uint8_t> pool_;         // (pool size x frame_size)
  std::vector<std::uint32_t> references_;  // (pool size): number of references from slots_
  std::vector<std::uint64_t> hashes_;      // (pool size)
  std::vector<Frame> free_;                // frames without references
  std::vector<Frame> slots_;               // (capacity x 2k): observation, next observation; kNone: an empty slot

  // A hash table with chains: the first frame of a bucket, and the one after each frame.
  std::vector<Frame> buckets_;  // a power of two of them
  std::vector<Frame> chain_;    // (pool size)

  std::vector<std::uint8_t> pixels_;  // of the current pair, reused
};

}  // namespace ludus::replay
