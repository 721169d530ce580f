#include "replay/frame_store.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "base/error.h"
#include "base/format.h"

namespace ludus::replay {
namespace {

// k, the frames in an observation.
std::size_t frames_of_observation(std::size_t observation_size, std::size_t frame_size) {
  if (frame_size == 0 || observation_size == 0 || observation_size % frame_size != 0) {
    throw InvalidArgument(
        formatted("frame store: the observation size must be a positive multiple of the frame size, got {} and {}; set "
                  "frame_size to the size of one frame, or to 0 to store plain rows",
                  observation_size, frame_size));
  }
  return observation_size / frame_size;
}

std::size_t pool_frames(std::size_t capacity, std::size_t frames_in_observation) {
  return capacity + capacity / 4 + 16 * frames_in_observation;
}

// Mixes eight bytes at a time into the hash. Frames with equal hashes are compared by content.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0;
  const auto mix = [&](std::size_t first, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + first, count);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;  // 2^64 divided by the golden ratio; odd, so the product is invertible
    hash ^= hash >> 32;                          // the high bits of the product are the best mixed
  };
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) mix(i, 8);
  mix(i, bytes.size() - i);
  return hash;
}

void to_pixels(std::span<const float> numbers, std::span<std::uint8_t> pixels) {
  bool whole = true;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float held = numbers[i] >= 0 && numbers[i] <= 255 ? numbers[i] : 0.0f;
    pixels[i] = static_cast<std::uint8_t>(held);
    whole &= static_cast<float>(pixels[i]) == numbers[i];
  }
  if (whole) return;
  const auto wrong = std::find_if(numbers.begin(), numbers.end(), [](float number) {
    return !(number >= 0 && number <= 255 && number == static_cast<float>(static_cast<int>(number)));
  });
  throw InvalidArgument(
      formatted("frame store: observations must be whole numbers in 0…255, got {}; scale images after sampling, or "
                "store plain rows",
                *wrong));
}

}  // namespace

FrameStore::FrameStore(std::size_t capacity, std::size_t observation_size, std::size_t frame_size)
    : frame_size_(frame_size), frames_in_observation_(frames_of_observation(observation_size, frame_size)) {
  const std::size_t frames = pool_frames(capacity, frames_in_observation_);
  const std::size_t names = capacity * 2 * frames_in_observation_;
  if (std::max(frames, names) >= kNone) {
    throw InvalidArgument(formatted(
        "frame store: at most {} frames can be referenced, got {} (capacity {}, stacks of {}); lower the capacity",
        kNone - 1, names, capacity, frames_in_observation_));
  }
  pool_.resize(frames * frame_size);
  references_.resize(frames);
  hashes_.resize(frames);
  chain_.resize(frames, kNone);
  buckets_.resize(std::bit_ceil(frames), kNone);
  slots_.resize(names, kNone);
  pixels_.resize(2 * observation_size);
  for (std::size_t frame = frames; frame-- > 0;) free_.push_back(static_cast<Frame>(frame));
}

double FrameStore::bytes(std::size_t capacity, std::size_t observation_size, std::size_t frame_size) {
  const std::size_t k = frames_of_observation(observation_size, frame_size);
  const double frames = static_cast<double>(pool_frames(capacity, k));
  const double of_a_frame = static_cast<double>(frame_size + sizeof(std::uint64_t) + 3 * sizeof(std::uint32_t));
  const double names = static_cast<double>(capacity) * 2 * static_cast<double>(k);
  const double buckets = std::exp2(std::ceil(std::log2(frames)));
  return frames * of_a_frame + (names + buckets) * sizeof(Frame) + 2 * static_cast<double>(observation_size);
}

std::span<const std::uint8_t> FrameStore::content(Frame frame) const {
  return std::span<const std::uint8_t>(pool_).subspan(frame * frame_size_, frame_size_);
}

std::span<FrameStore::Frame> FrameStore::frames_of(std::size_t slot) {
  return std::span<Frame>(slots_).subspan(slot * 2 * frames_in_observation_, 2 * frames_in_observation_);
}

std::span<const FrameStore::Frame> FrameStore::frames_of(std::size_t slot) const {
  return std::span<const Frame>(slots_).subspan(slot * 2 * frames_in_observation_, 2 * frames_in_observation_);
}

FrameStore::Frame FrameStore::acquire(std::span<const std::uint8_t> pixels) {
  const std::uint64_t hash = hash_of(pixels);
  Frame& bucket = buckets_[hash & (buckets_.size() - 1)];
  for (Frame frame = bucket; frame != kNone; frame = chain_[frame]) {
    if (hashes_[frame] == hash && std::memcmp(content(frame).data(), pixels.data(), frame_size_) == 0) {
      ++references_[frame];
      return frame;
    }
  }
  if (free_.empty()) return kNone;
  const Frame frame = free_.back();
  free_.pop_back();
  std::copy(pixels.begin(), pixels.end(), pool_.begin() + static_cast<std::ptrdiff_t>(frame * frame_size_));
  hashes_[frame] = hash;
  references_[frame] = 1;
  chain_[frame] = bucket;
  bucket = frame;
  return frame;
}

void FrameStore::drop(Frame frame) {
  if (--references_[frame] > 0) return;
  Frame* link = &buckets_[hashes_[frame] & (buckets_.size() - 1)];
  while (*link != frame) link = &chain_[*link];
  *link = chain_[frame];
  free_.push_back(frame);
}

bool FrameStore::put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) {
  const std::span<std::uint8_t> pixels(pixels_);
  to_pixels(observation, pixels.first(observation.size()));
  to_pixels(next_observation, pixels.last(next_observation.size()));
  release(slot);
  const std::span<Frame> frames = frames_of(slot);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] = acquire(pixels.subspan(i * frame_size_, frame_size_));
    if (frames[i] == kNone) {
      release(slot);
      return false;
    }
  }
  return true;
}

void FrameStore::release(std::size_t slot) {
  for (Frame& frame : frames_of(slot)) {
    if (frame != kNone) drop(frame);
    frame = kNone;
  }
}

void FrameStore::get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const {
  const std::span<const Frame> frames = frames_of(slot);
  for (std::size_t i = 0; i < frames_in_observation_; ++i) {
    std::ranges::copy(content(frames[i]), observation.begin() + static_cast<std::ptrdiff_t>(i * frame_size_));
    std::ranges::copy(content(frames[frames_in_observation_ + i]),
                      next_observation.begin() + static_cast<std::ptrdiff_t>(i * frame_size_));
  }
}

// Frames are numbered in the order of first use, so that the state does not depend on their positions in the pool.
void FrameStore::write_state(const Slots& slots, StateWriter& state) const {
  const std::size_t width = 2 * frames_in_observation_;
  std::vector<Frame> numbers(pool_size(), kNone), used;
  Array stacks(DType::kUInt32, {static_cast<std::int64_t>(slots->size()), static_cast<std::int64_t>(width)});
  auto name = stacks.data<Frame>().begin();
  for (const std::size_t slot : *slots) {
    for (const Frame frame : frames_of(slot)) {
      if (numbers[frame] == kNone) {
        numbers[frame] = static_cast<Frame>(used.size());
        used.push_back(frame);
      }
      *name++ = numbers[frame];
    }
  }
  Array frames(DType::kUInt8, {static_cast<std::int64_t>(used.size()), static_cast<std::int64_t>(frame_size_)});
  auto pixel = frames.data<std::uint8_t>().begin();
  for (const Frame frame : used) pixel = std::ranges::copy(content(frame), pixel).out;
  state("stacks", std::move(stacks));
  state("frames", std::move(frames));
}

void FrameStore::read_state(const Slots& slots, StateReader& state) {
  const auto extent = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const std::size_t width = 2 * frames_in_observation_;
  const auto stacks = state.numbers<Frame>("stacks", {extent(slots->size()), extent(width)});
  const std::size_t count = stacks.empty() ? 0 : std::size_t{*std::ranges::max_element(stacks)} + 1;
  state.check([&] {
    if (count <= pool_size()) return;
    throw TypeMismatch(formatted("frame store: at most {} frames fit, got {}", pool_size(), count));
  });
  const auto pixels = state.numbers<std::uint8_t>("frames", {extent(count), extent(frame_size_)});
  state.at_commit([=, this] { fill(*slots, stacks, pixels); });
}

void FrameStore::fill(std::span<const std::size_t> slots, std::span<const Frame> stacks,
                      std::span<const std::uint8_t> pixels) {
  const std::size_t width = 2 * frames_in_observation_;
  for (std::size_t slot = 0; slot * width < slots_.size(); ++slot) release(slot);

  // each frame has one reference until the slots are filled
  std::vector<Frame> frames;
  for (std::size_t at = 0; at < pixels.size(); at += frame_size_)
    frames.push_back(acquire(pixels.subspan(at, frame_size_)));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    for (std::size_t j = 0; j < width; ++j) {
      const Frame frame = frames[stacks[i * width + j]];
      frames_of(slots[i])[j] = frame;
      ++references_[frame];
    }
  }
  for (const Frame frame : frames) drop(frame);
}

}  // namespace ludus::replay
