// Observations that are stacks of pictures, each picture kept once and as bytes.
//
// A stack of k frames shares k − 1 of them with its successor, so that a memory of rows holds every frame 2k times, and
// in four bytes a pixel. Here a frame is recognised by its content, whatever wrapper made the stack: a repeated first
// frame that pads a young episode is shared too. Mnih et al. 2015 keep a million frames of 84 x 84: 8.9 GB here, 226 GB as
// rows.
#pragma once

#include <cstdint>
#include <vector>

#include "replay/observation_store.h"

namespace ludus::replay {

// Frames live in a pool of fixed size, taken at once: capacity + capacity / 4 + 16 k frames. In the long run there is one
// new frame a step, one more an episode and a stack's worth for each environment; episodes of four steps or more on
// average, in 16 environments or so, always fit. If there are more frames than that, put() says that there is no room:
// the memory then lets its oldest transitions go early.
class FrameStore final : public ObservationStore {
 public:
  // Throws InvalidArgument unless observations are whole frames, and if there are more than 32-bit numbers can count.
  FrameStore(std::size_t capacity, std::size_t observation_size, std::size_t frame_size);

  // Bytes that such a store takes.
  static double bytes(std::size_t capacity, std::size_t observation_size, std::size_t frame_size);

  // Throws InvalidArgument unless every number is whole and in 0…255.
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

  // The frame of that content, one reference more; kNone if it is new and the pool is full.
  Frame acquire(std::span<const std::uint8_t> content);
  void fill(std::span<const std::size_t> slots, std::span<const Frame> stacks, std::span<const std::uint8_t> pixels);
  void drop(Frame frame);  // one reference less; the last one frees it

  std::span<const std::uint8_t> content(Frame frame) const;
  std::span<Frame> frames_of(std::size_t slot);
  std::span<const Frame> frames_of(std::size_t slot) const;

  std::size_t frame_size_;                 // bytes
  std::size_t frames_in_observation_;      // k
  std::vector<std::uint8_t> pool_;         // (pool size x frame_size)
  std::vector<std::uint32_t> references_;  // (pool size): how many places in slots_ name the frame
  std::vector<std::uint64_t> hashes_;      // (pool size)
  std::vector<Frame> free_;                // frames that nobody names
  std::vector<Frame> slots_;               // (capacity x 2k): observation, next observation; kNone: an empty slot

  // A hash table with chains: the first frame of a bucket, and the one after each frame.
  std::vector<Frame> buckets_;  // a power of two of them
  std::vector<Frame> chain_;    // (pool size)

  std::vector<std::uint8_t> pixels_;  // of the pair that is put, used again
};

}  // namespace ludus::replay
