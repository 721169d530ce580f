#include "replay/n_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "base/value_io.h"
#include "replay/uniform_replay.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr TransitionSizes kOne{.observation = 1, .action = 1};

struct Row {
  float observation, action, reward, next_observation, terminated, discount;
  friend bool operator==(const Row&, const Row&) = default;
};

// The contents of a buffer, oldest first.
std::vector<Row> rows(const ReplayBuffer& memory) {
  const Dict state = state_as_dict(memory);
  const auto column = [&](const char* name) { return state.at(name).as_array().data<float>(); };
  std::vector<Row> all;
  for (std::size_t i = 0; i < memory.size(); ++i) {
    all.push_back({column("observations")[i], column("actions")[i], column("rewards")[i],
                   column("next_observations")[i], column("terminated")[i], column("discounts")[i]});
  }
  return all;
}

UniformReplay room(std::size_t capacity = 1000) {
  return UniformReplay({.capacity = capacity, .observation_size = 1, .action_size = 1});
}

enum class End { kNone, kTerminated, kTruncated, kBoth };

bool terminates(End end) {
  return end == End::kTerminated || end == End::kBoth;
}
bool truncates(End end) {
  return end == End::kTruncated || end == End::kBoth;
}

// One step of environment `env`: observation s, action −s, next observation `next`.
void step(NStep& windows, ReplayBuffer& memory, std::size_t env, float s, float reward, float next,
          End end = End::kNone) {
  windows.add(env, std::array{s}, std::array{-s}, reward, std::array{next}, terminates(end), truncates(end), memory);
}

// γ = ½, n = 3, rewards 8, 4, 2, 1. Steps 0 and 1 see three rewards: 8 + 4/2 + 2/4 = 10.5, 4 + 2/2 + 1/4 = 5.25; then
// the episode is over: 2 + 1/2 = 2.5 counts what follows with γ², 1 with γ.
TEST(NStep, ByHand) {
  for (const End end : {End::kTerminated, End::kTruncated, End::kBoth}) {
    UniformReplay memory = room();
    NStep windows(3, 0.5, 1, kOne);
    step(windows, memory, 0, 10, 8, 11);
    step(windows, memory, 0, 11, 4, 12);
    EXPECT_EQ(memory.size(), 0u);
    step(windows, memory, 0, 12, 2, 13);
    EXPECT_EQ(rows(memory), (std::vector<Row>{{10, -10, 10.5f, 13, 0, 0.125f}}));
    step(windows, memory, 0, 13, 1, 14, end);
    const float ended = terminates(end) ? 1.0f : 0.0f;
    EXPECT_EQ(rows(memory), (std::vector<Row>{{10, -10, 10.5f, 13, 0, 0.125f},
                                              {11, -11, 5.25f, 14, ended, 0.125f},
                                              {12, -12, 2.5f, 14, ended, 0.25f},
                                              {13, -13, 1, 14, ended, 0.5f}}));
    // the next episode starts with an empty window
    step(windows, memory, 0, 20, 100, 21);
    step(windows, memory, 0, 21, 100, 22);
    EXPECT_EQ(memory.size(), 4u);
  }
}

TEST(NStep, OfOneStepPassesItOn) {
  UniformReplay memory = room(), direct = room();
  NStep windows(1, 0.99, 2, kOne);
  Generator random(1);
  for (int k = 0; k < 100; ++k) {
    const auto s = static_cast<float>(random.normal(0, 1)), reward = static_cast<float>(random.normal(0, 1));
    const End end = random.random() < 0.2 ? End::kTerminated : random.random() < 0.2 ? End::kTruncated : End::kNone;
    step(windows, memory, static_cast<std::size_t>(k % 2), s, reward, s + 1, end);
    direct.add({.observation = std::array{s},
                .action = std::array{-s},
                .reward = reward,
                .next_observation = std::array{s + 1},
                .terminated = end == End::kTerminated,
                .discount = 0.99f});
  }
  EXPECT_EQ(state_as_dict(memory), state_as_dict(direct));
}

// Three environments with terminated and truncated episodes in edge cases, compared with the sum over the recorded
// stream.
TEST(NStep, IsTheSumOverTheRecordedStream) {
  constexpr std::size_t kEnvs = 3, kLength = 60;
  constexpr double kDiscount = 0.9;
  struct Recorded {
    float s, reward, next;
    End end;
  };
  Generator random(2);
  for (const std::size_t n : {1u, 2u, 3u, 5u, 10u}) {
    for (int round = 0; round < 10; ++round) {
      UniformReplay memory = room();
      NStep windows(n, kDiscount, kEnvs, kOne);
      std::array<std::vector<Recorded>, kEnvs> streams;
      std::vector<std::pair<std::size_t, std::size_t>> order;  // environment and step of what is to come, as it comes
      for (std::size_t t = 0; t < kLength; ++t) {
        for (std::size_t env = 0; env < kEnvs; ++env) {
          End end = static_cast<End>(std::max<std::int64_t>(0, random.integers(-12, 4)));
          if (env == 0 && t == 0) end = End::kTruncated;                            // the first step
          if (env == 1 && t == n - 1) end = End::kTerminated;                       // the last of a window
          if (env == 2 && (t == 20 || t == 21)) end = static_cast<End>(2 - t % 2);  // two in a row
          streams[env].push_back({static_cast<float>(random.normal(0, 1)), static_cast<float>(random.normal(0, 1)),
                                  static_cast<float>(random.normal(0, 1)), end});
          const Recorded& now = streams[env].back();
          step(windows, memory, env, now.s, now.reward, now.next, now.end);
        }
      }

      // one transition for every step with a full window or a finished episode
      std::vector<Row> expected;
      for (std::size_t env = 0; env < kEnvs; ++env) {
        for (std::size_t t = 0; t < kLength; ++t) {
          double sum = 0;
          std::size_t k = 0;
          bool over = false;
          while (k < n && t + k < kLength && !over) {
            sum += std::pow(kDiscount, static_cast<double>(k)) * static_cast<double>(streams[env][t + k].reward);
            over = streams[env][t + k].end != End::kNone;
            ++k;
          }
          if (k < n && !over) continue;
          const Recorded& last = streams[env][t + k - 1];
          expected.push_back({streams[env][t].s, -streams[env][t].s, static_cast<float>(sum), last.next,
                              terminates(last.end) ? 1.0f : 0.0f,
                              static_cast<float>(std::pow(kDiscount, static_cast<double>(k)))});
        }
      }
      // the buffer interleaves the environments; within each, the order is kept. Observations identify them
      std::vector<Row> found = rows(memory);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t env = 0, next = 0; env < kEnvs; ++env) {
        for (const Row& row : found) {
          const bool own =
              std::ranges::any_of(streams[env], [&](const Recorded& one) { return one.s == row.observation; });
          if (!own) continue;
          ASSERT_LT(next, expected.size());
          const Row& wanted = expected[next++];
          ASSERT_EQ(row.observation, wanted.observation);
          ASSERT_EQ(row.action, wanted.action);
          ASSERT_NEAR(row.reward, wanted.reward, 1e-6);
          ASSERT_EQ(row.next_observation, wanted.next_observation);
          ASSERT_EQ(row.terminated, wanted.terminated);
          ASSERT_NEAR(row.discount, wanted.discount, 1e-7);
        }
      }
    }
  }
}

TEST(NStep, RestoredGoesOnIdentically) {
  UniformReplay memory = room(), same = room();
  NStep windows(4, 0.9, 2, kOne), restored(4, 0.9, 2, kOne);
  for (int k = 0; k < 7; ++k) step(windows, memory, 0, static_cast<float>(k), 1, static_cast<float>(k + 1));
  step(windows, memory, 1, 50, 2, 51);
  step(restored, same, 0, 99, 99, 99);  // which must leave no trace
  test::restore(same, state_as_dict(memory));
  test::restore(restored, decode(encode(state_as_dict(windows))).as_dict());
  EXPECT_EQ(state_as_dict(restored), state_as_dict(windows));
  for (int k = 7; k < 10; ++k) {
    const auto s = static_cast<float>(k);
    for (std::size_t env : {0u, 1u}) {
      step(windows, memory, env, s, s, s + 1, k == 9 ? End::kTruncated : End::kNone);
      step(restored, same, env, s, s, s + 1, k == 9 ? End::kTruncated : End::kNone);
    }
  }
  EXPECT_EQ(memory.size(), 14u);
  EXPECT_EQ(state_as_dict(same), state_as_dict(memory));
}

TEST(NStep, RefusesWhatIsWrong) {
  EXPECT_THROW(NStep(0, 0.9, 1, kOne), InvalidArgument);
  EXPECT_THROW(NStep(1, 0.9, 0, kOne), InvalidArgument);
  EXPECT_THROW(NStep(1, 1.1, 1, kOne), InvalidArgument);
  EXPECT_THROW(NStep(1, std::nan(""), 1, kOne), InvalidArgument);
  EXPECT_THROW(NStep(1, 0.9, 1, {.observation = 0, .action = 1}), InvalidArgument);
  EXPECT_THROW(NStep(1, 0.9, 1, {.observation = 1, .action = 0}), InvalidArgument);
  UniformReplay memory = room();
  NStep windows(3, 0.9, 1, kOne);
  EXPECT_THROW(step(windows, memory, 1, 0, 0, 0), InvalidArgument);
  const std::array<float, 1> one{};
  const std::array<float, 2> two{};
  EXPECT_THROW(windows.add(0, two, one, 0, one, false, false, memory), InvalidArgument);
  EXPECT_THROW(windows.add(0, one, two, 0, one, false, false, memory), InvalidArgument);

  step(windows, memory, 0, 0, 0, 0);
  step(windows, memory, 0, 0, 0, 0);
  EXPECT_THROW(test::restore(NStep(2, 0.9, 1, kOne), state_as_dict(windows)),
               TypeMismatch);  // two wait where at most one does
  EXPECT_THROW(test::restore(NStep(3, 0.9, 2, kOne), state_as_dict(windows)), TypeMismatch);
  EXPECT_THROW(test::restore(NStep(3, 0.9, 1, {.observation = 2, .action = 1}), state_as_dict(windows)), TypeMismatch);
}

}  // namespace
}  // namespace ludus::replay
