#include "replay/frame_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "base/error.h"
#include "base/rng.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

using Stack = std::vector<float>;

// Episodes of random length with random frames, observed as stacks, padded with the first frame.
class Images {
 public:
  Images(std::size_t frame_size, std::size_t stacked, std::uint64_t seed)
      : frame_size_(frame_size), stacked_(stacked), random_(seed) {
    begin();
  }

  // The pair of the next step.
  std::pair<Stack, Stack> step() {
    if (static_cast<std::int64_t>(episode_.size()) > length_) begin();
    const Stack before = stack();
    episode_.push_back(image());
    return {before, stack()};
  }

 private:
  void begin() {
    length_ = random_.integers(1, 12);
    episode_ = {image()};
  }

  Stack image() {
    Stack pixels(frame_size_);
    for (float& pixel : pixels) pixel = static_cast<float>(random_.integers(256));
    return pixels;
  }

  Stack stack() const {
    Stack all;
    for (std::size_t back = stacked_; back-- > 0;) {
      const Stack& frame = episode_[episode_.size() - 1 - std::min(back, episode_.size() - 1)];
      all.insert(all.end(), frame.begin(), frame.end());
    }
    return all;
  }

  std::size_t frame_size_, stacked_;
  Generator random_;
  std::int64_t length_ = 0;  // steps
  std::vector<Stack> episode_;
};

// 4-stacks of 36 x 36 frames through a ring of 50 slots, several times over: every stored pair is read back unchanged,
// and the number of frames is the number of different frames in all pairs.
TEST(FrameStore, KeepsEveryPictureOnceAndWhole) {
  constexpr std::size_t kFrame = 36 * 36, kStack = 4, kCapacity = 50;
  FrameStore store(kCapacity, kStack * kFrame, kFrame);
  Images images(kFrame, kStack, 1);
  std::map<std::size_t, std::pair<Stack, Stack>> there;
  Stack observation(kStack * kFrame), next(kStack * kFrame);
  for (std::size_t step = 0; step < 200; ++step) {
    const std::size_t slot = step % kCapacity;
    there[slot] = images.step();
    ASSERT_TRUE(store.put(slot, there[slot].first, there[slot].second));

    std::set<Stack> different;
    for (const auto& [put, pair] : there) {
      for (const Stack* stack : {&pair.first, &pair.second}) {
        for (std::size_t i = 0; i < kStack; ++i) {
          const auto first = stack->begin() + static_cast<std::ptrdiff_t>(i * kFrame);
          different.emplace(first, first + kFrame);
        }
      }
    }
    ASSERT_EQ(store.frames_used(), different.size()) << step;
    if (step % 20 != 19) continue;
    for (const auto& [put, pair] : there) {
      store.get(put, observation, next);
      ASSERT_EQ(observation, pair.first) << step;
      ASSERT_EQ(next, pair.second) << step;
    }
  }
}

// Frames a, b, c of two pixels in the pairs (aa, ab), (ab, bc), (bc, bc): without the first pair all three are still
// referenced, without the second a is not.
TEST(FrameStore, FreesWhatNobodyNames) {
  FrameStore store(4, 4, 2);
  const Stack aa{1, 2, 1, 2}, ab{1, 2, 3, 4}, bc{3, 4, 5, 6};
  EXPECT_TRUE(store.put(0, aa, ab));
  EXPECT_EQ(store.frames_used(), 2u);
  EXPECT_TRUE(store.put(1, ab, bc));
  EXPECT_TRUE(store.put(2, bc, bc));
  EXPECT_EQ(store.frames_used(), 3u);
  store.release(0);
  EXPECT_EQ(store.frames_used(), 3u);
  store.release(1);
  EXPECT_EQ(store.frames_used(), 2u);
  store.release(1);  // an empty one stays so
  EXPECT_EQ(store.frames_used(), 2u);
  Stack observation(4), next(4);
  store.get(2, observation, next);
  EXPECT_EQ(observation, bc);
  store.release(2);
  EXPECT_EQ(store.frames_used(), 0u);
}

// Two frames of 16 pixels with equal hashes: the last eight bytes cancel the effect of the first eight. They are still
// distinguished. The hash of eight bytes w is m ⊕ (m >> 32), m = w · 2^64 / φ, and the next eight are mixed into it by
// ⊕.
TEST(FrameStore, PicturesOfOneHashAreTwo) {
  const auto hash = [](std::uint64_t word) {
    word *= 0x9E3779B97F4A7C15u;
    return word ^ (word >> 32);
  };
  const auto image = [](std::uint64_t first, std::uint64_t second) {
    Stack pixels;
    for (const std::uint64_t word : {first, second}) {
      for (int byte = 0; byte < 8; ++byte) pixels.push_back(static_cast<float>(word >> (8 * byte) & 255));
    }
    return pixels;
  };
  FrameStore store(4, 16, 16);
  const Stack a = image(1, 2), b = image(3, 2 ^ hash(1) ^ hash(3));
  ASSERT_TRUE(store.put(0, a, b));
  EXPECT_EQ(store.frames_used(), 2u);
  Stack observation(16), next(16);
  store.get(0, observation, next);
  EXPECT_EQ(observation, a);
  EXPECT_EQ(next, b);
}

// A capacity of 32 with all frames different: a pool of 32 + 8 + 16 · 2 = 72 frames holds 18 pairs of stacks of two.
TEST(FrameStore, AFullPoolTakesNoMoreUntilSomethingGoes) {
  FrameStore store(32, 2, 1);
  ASSERT_EQ(store.pool_size(), 72u);
  const auto stack = [](int first) { return Stack{static_cast<float>(first), static_cast<float>(first + 1)}; };
  for (int k = 0; k < 18; ++k) {
    ASSERT_TRUE(store.put(static_cast<std::size_t>(k), stack(4 * k), stack(4 * k + 2)));
  }
  EXPECT_EQ(store.frames_used(), 72u);
  EXPECT_FALSE(store.put(18, stack(0), stack(100)));  // its second half is new
  EXPECT_EQ(store.frames_used(), 72u);
  EXPECT_TRUE(store.put(18, stack(0), stack(6)));  // nothing new
  store.release(1);                                // frees frames 4 and 5; slot 18 still references 6 and 7
  EXPECT_EQ(store.frames_used(), 70u);
  EXPECT_TRUE(store.put(1, stack(0), stack(100)));
  EXPECT_EQ(store.frames_used(), 72u);
  Stack observation(2), next(2);
  store.get(18, observation, next);
  EXPECT_EQ(observation, stack(0));
  EXPECT_EQ(next, stack(6));
}

TEST(FrameStore, RefusesWhatIsNoPicture) {
  FrameStore store(4, 4, 2);
  const Stack good{0, 1, 254, 255};
  ASSERT_TRUE(store.put(0, good, good));
  for (const float wrong : {-1.0f, 0.5f, 255.5f, 256.0f, 1e10f, std::numeric_limits<float>::quiet_NaN()}) {
    const Stack bad{0, 1, 2, wrong};
    EXPECT_THROW(store.put(0, bad, good), InvalidArgument) << wrong;
    EXPECT_THROW(store.put(0, good, bad), InvalidArgument) << wrong;
  }
  Stack observation(4), next(4);
  store.get(0, observation, next);
  EXPECT_EQ(observation, good);
  EXPECT_THROW(FrameStore(4, 5, 2), InvalidArgument);
  EXPECT_THROW(FrameStore(4, 4, 0), InvalidArgument);
  EXPECT_THROW(FrameStore(std::size_t{1} << 31, 2, 1), InvalidArgument);
}

TEST(FrameStore, DamagedStatesAreRefused) {
  FrameStore store(4, 4, 2);
  const auto slots = std::make_shared<const std::vector<std::size_t>>(1, 2);
  ASSERT_TRUE(store.put(2, Stack{1, 2, 3, 4}, Stack{3, 4, 5, 6}));
  Dict state;
  StateWriter writer(state);
  store.write_state(slots, writer);
  FrameStore other(4, 4, 2);
  const auto restore = [&](const Dict& from) {
    StateReader reader(from);
    other.read_state(slots, reader);
    reader.commit();
  };
  EXPECT_NO_THROW(restore(state));
  EXPECT_EQ(other.frames_used(), 3u);
  for (const std::uint32_t wrong : {3u, 1000u, UINT32_MAX}) {
    Dict damaged = state;
    damaged["stacks"].as_array().data<std::uint32_t>()[1] = wrong;
    EXPECT_THROW(restore(damaged), TypeMismatch) << wrong;
  }
}

TEST(FrameStore, StatesItsMemory) {
  // Of Mnih et al. 2015: 1,250,064 frames of 84 x 84 bytes, a hash of 8 and three numbers of 4 each; 8 references for
  // each of a million slots and 2^21 buckets, of 4 bytes; one pair of stacks
  EXPECT_EQ(FrameStore::bytes(1'000'000, 4 * 7056, 7056),
            1'250'064.0 * (7056 + 8 + 12) + 4.0 * (8e6 + 2'097'152) + 2 * 4 * 7056);
}

}  // namespace
}  // namespace ludus::replay
