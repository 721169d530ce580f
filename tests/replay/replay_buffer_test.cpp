// Tests of all replay buffers, with either storage and either sampling method.
#include "replay/replay_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/value_io.h"
#include "replay/prioritized_replay.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr std::size_t kFrame = 3, kStack = 2;

struct Kind {
  const char* name;
  std::size_t frame_size;
  bool prioritised;
};

ReplayOptions options_of(const Kind& kind, std::size_t capacity) {
  ReplayOptions options{
      .capacity = capacity, .observation_size = kStack * kFrame, .action_size = 2, .frame_size = kind.frame_size};
  if (kind.prioritised) options.priorities = PriorityOptions{};
  return options;
}

// Frame j, in pixels.
std::array<float, kFrame> frame(int j) {
  return {static_cast<float>(j % 256), static_cast<float>(j / 256), 7};
}

std::array<float, kStack * kFrame> stack(int first, int second) {
  std::array<float, kStack * kFrame> pixels{};
  std::ranges::copy(frame(first), pixels.begin());
  std::ranges::copy(frame(second), pixels.begin() + kFrame);
  return pixels;
}

// Transition k: action (k, −k), reward k / 2, terminated if k is odd, discount 1 / (k + 1). Frames k and k + 1 lead to
// k + 1 and k + 2; or no two transitions share a frame.
void add(ReplayBuffer& memory, int k, bool all_new = false) {
  const auto x = static_cast<float>(k);
  memory.add({.observation = all_new ? stack(4 * k, 4 * k + 1) : stack(k, k + 1),
              .action = std::array<float, 2>{x, -x},
              .reward = x / 2,
              .next_observation = all_new ? stack(4 * k + 2, 4 * k + 3) : stack(k + 1, k + 2),
              .terminated = k % 2 == 1,
              .discount = 1 / (x + 1)});
}

void expect_whole(const Batch& batch, bool all_new = false) {
  for (std::size_t i = 0; i < batch.size; ++i) {
    const float x = batch.actions[2 * i];
    const int k = static_cast<int>(x);
    EXPECT_EQ(batch.actions[2 * i + 1], -x);
    EXPECT_EQ(batch.rewards[i], x / 2);
    EXPECT_EQ(batch.terminated[i], k % 2 == 1 ? 1.0f : 0.0f);
    EXPECT_EQ(batch.discounts[i], 1 / (x + 1));
    const auto before = all_new ? stack(4 * k, 4 * k + 1) : stack(k, k + 1);
    const auto after = all_new ? stack(4 * k + 2, 4 * k + 3) : stack(k + 1, k + 2);
    for (std::size_t j = 0; j < kStack * kFrame; ++j) {
      EXPECT_EQ(batch.observations[i * kStack * kFrame + j], before[j]);
      EXPECT_EQ(batch.next_observations[i * kStack * kFrame + j], after[j]);
    }
  }
}

// Random errors for the sampled transitions; uniform buffers ignore them.
void learn(ReplayBuffer& memory, const Batch& batch, Generator& generator) {
  std::vector<float> errors(batch.size);
  for (float& error : errors) error = static_cast<float>(generator.normal(0, 3));
  memory.update_priorities(batch.slots, errors);
}

std::set<int> drawn(const ReplayBuffer& memory) {
  Generator generator(9);
  Batch batch;
  memory.sample(2000, generator, batch);
  std::set<int> all;
  for (std::size_t i = 0; i < batch.size; ++i) all.insert(static_cast<int>(batch.actions[2 * i]));
  return all;
}

class EveryReplay : public testing::TestWithParam<Kind> {};

TEST_P(EveryReplay, KeepsTheNewestTransitionsWhole) {
  const auto memory = make_replay_buffer(options_of(GetParam(), 8));
  EXPECT_EQ(memory->capacity(), 8u);
  Generator generator(0);
  Batch batch;
  for (int k = 0; k < 30; ++k) {
    add(*memory, k);
    ASSERT_EQ(memory->size(), static_cast<std::size_t>(std::min(k + 1, 8)));
    memory->sample(20, generator, batch);
    ASSERT_EQ(batch.size, 20u);
    expect_whole(batch);
    learn(*memory, batch, generator);
  }
  memory->update_priorities(std::array<std::size_t, 8>{0, 1, 2, 3, 4, 5, 6, 7}, std::array<float, 8>{});
  EXPECT_EQ(drawn(*memory), (std::set<int>{22, 23, 24, 25, 26, 27, 28, 29}));
}

TEST_P(EveryReplay, RestoredGoesOnIdentically) {
  // partly full, just full, wrapped around; and with frames that all differ, of which a buffer of frames cannot hold so
  // many: 12 + 3 + 32 = 47 of them, so that 11 transitions of 4 remain
  for (const bool all_new : {false, true}) {
    for (const int filled : {5, 11, 12, 17, 40}) {
      const auto memory = make_replay_buffer(options_of(GetParam(), 12));
      const auto restored = make_replay_buffer(options_of(GetParam(), 12));
      for (int k = 50; k < 60; ++k) add(*restored, k);  // which must leave no trace
      Generator generator(3);
      Batch batch, same;
      for (int k = 0; k < filled; ++k) {
        add(*memory, k, all_new);
        memory->sample(4, generator, batch);
        learn(*memory, batch, generator);
      }
      memory->set_beta(0.3);
      if (all_new && filled > 11) {
        EXPECT_EQ(memory->size(), GetParam().frame_size > 0 ? 11u : 12u);
      }
      test::restore(*restored, decode(encode(state_as_dict(*memory))).as_dict());
      EXPECT_EQ(state_as_dict(*restored), state_as_dict(*memory)) << filled;
      Generator a(5), b(5);
      for (int k = filled; k < filled + 30; ++k) {
        add(*memory, k, all_new), add(*restored, k, all_new);
        memory->sample(16, a, batch);
        restored->sample(16, b, same);
        expect_whole(batch, all_new);
        ASSERT_EQ(batch.slots, same.slots) << filled << ' ' << k;
        ASSERT_EQ(batch.actions, same.actions) << filled << ' ' << k;
        ASSERT_EQ(batch.observations, same.observations) << filled << ' ' << k;
        ASSERT_EQ(batch.next_observations, same.next_observations) << filled << ' ' << k;
        ASSERT_EQ(batch.weights, same.weights) << filled << ' ' << k;
        learn(*memory, batch, a), learn(*restored, same, b);
      }
      EXPECT_EQ(state_as_dict(*restored), state_as_dict(*memory)) << filled;
    }
  }
}

TEST_P(EveryReplay, RefusesWhatIsWrong) {
  const ReplayOptions options = options_of(GetParam(), 4);
  const auto memory = make_replay_buffer(options);
  Generator generator(0);
  Batch batch;
  EXPECT_THROW(memory->sample(1, generator, batch), InvalidArgument);
  add(*memory, 0);
  const std::array<float, 2> action{};
  const std::array<float, kStack * kFrame> right{};
  const std::array<float, kStack * kFrame + 1> wrong{};
  EXPECT_THROW(memory->add({.observation = wrong, .action = action, .next_observation = right}), InvalidArgument);
  EXPECT_THROW(memory->add({.observation = right, .action = action, .next_observation = wrong}), InvalidArgument);
  EXPECT_THROW(memory->add({.observation = right, .action = right, .next_observation = right}), InvalidArgument);
  EXPECT_EQ(memory->size(), 1u);

  for (auto change :
       {+[](ReplayOptions& o) { o.capacity = 0; }, +[](ReplayOptions& o) { o.observation_size = 0; },
        +[](ReplayOptions& o) { o.action_size = 0; }, +[](ReplayOptions& o) { o.capacity = std::size_t{1} << 62; }}) {
    ReplayOptions bad = options;
    change(bad);
    EXPECT_THROW(make_replay_buffer(bad), InvalidArgument);
  }

  // sizes and kinds of others
  for (auto change :
       {+[](ReplayOptions& o) { o.capacity = 5; }, +[](ReplayOptions& o) { o.observation_size *= 2; },
        +[](ReplayOptions& o) { o.action_size = 1; },
        +[](ReplayOptions& o) { o.frame_size = o.frame_size > 0 ? 0 : kFrame; },
        +[](ReplayOptions& o) { o.priorities = o.priorities ? std::nullopt : std::optional(PriorityOptions{}); }}) {
    ReplayOptions other = options;
    change(other);
    EXPECT_THROW(test::restore(*make_replay_buffer(other), state_as_dict(*memory)), TypeMismatch);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryReplay,
                         testing::Values(Kind{"uniform_rows", 0, false}, Kind{"uniform_frames", kFrame, false},
                                         Kind{"prioritised_rows", 0, true}, Kind{"prioritised_frames", kFrame, true}),
                         [](const auto& about) { return about.param.name; });

// 16 + 4 + 32 = 52 frames, four new ones per transition: the newest 13 remain.
TEST(ReplayBuffer, LetsTheOldestGoEarlyWhereFramesRunOut) {
  for (const bool prioritised : {false, true}) {
    const auto memory = make_replay_buffer(options_of({"", kFrame, prioritised}, 16));
    for (int k = 0; k < 13; ++k) add(*memory, k, /*all_new=*/true);
    EXPECT_EQ(memory->size(), 13u);
    for (int k = 13; k < 50; ++k) {
      add(*memory, k, /*all_new=*/true);
      ASSERT_EQ(memory->size(), 13u) << k;
      const std::set<int> there = drawn(*memory);
      ASSERT_EQ(there.size(), 13u) << k;
      ASSERT_EQ(*there.begin(), k - 12) << k;
    }
    // frames of long episodes again: the ring fills up as the wasteful ones leave it
    for (int k = 50; k < 66; ++k) add(*memory, k);
    EXPECT_EQ(memory->size(), 16u);
  }
}

TEST(ReplayBuffer, WhatIsForgottenHasNoPriority) {
  PrioritizedReplay memory(options_of({"", kFrame, true}, 16));
  for (int k = 0; k < 14; ++k) add(memory, k, /*all_new=*/true);
  EXPECT_EQ(memory.priority(0), 0);
  EXPECT_EQ(memory.total_priority(), 13);
}

TEST(ReplayBuffer, WrongPixelsChangeNothing) {
  const auto memory = make_replay_buffer(options_of({"", kFrame, true}, 2));
  for (int k = 0; k < 3; ++k) add(*memory, k);
  const Dict before = state_as_dict(*memory);
  std::array<float, kStack * kFrame> wrong{};
  wrong[4] = 0.5f;
  const std::array<float, 2> action{};
  EXPECT_THROW(memory->add({.observation = wrong, .action = action, .next_observation = wrong}), InvalidArgument);
  EXPECT_EQ(state_as_dict(*memory), before);
}

TEST(ReplayBuffer, StatesItsMemory) {
  // 100,000 rows of 4 + 4 numbers of observations, 1 of action, reward, termination and discount, of 4 bytes
  ReplayOptions options{.capacity = 100'000, .observation_size = 4, .action_size = 1};
  EXPECT_EQ(replay_bytes(options), 4'800'000);
  options.priorities = PriorityOptions{};  // a tree of 2^17 leaves and as many nodes above, 8 bytes each
  EXPECT_EQ(replay_bytes(options), 4'800'000 + 2 * 131'072 * 8);
  // frames of 2 bytes in stacks of two: 100,000 + 25,000 + 32 frames of 2 + 20 bytes, 4 references per slot and 2^17
  // buckets of 4 bytes, and the two stacks of 4 bytes of the current pair
  options.frame_size = 2;
  EXPECT_EQ(replay_bytes(options), 1'600'000 + 2 * 131'072 * 8 + 125'032 * 22 + 400'000 * 4 + 131'072 * 4 + 8);
  options.capacity = std::size_t{1} << 62;
  EXPECT_GT(replay_bytes(options), 1e19);
}

}  // namespace
}  // namespace ludus::replay
