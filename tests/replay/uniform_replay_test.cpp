#include "replay/uniform_replay.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "base/value_io.h"

namespace ludus::replay {
namespace {

// Transition k: observation (k, -k), action k, reward 10 k, next observation (k + 1, -k - 1), terminated if k is odd.
void add(UniformReplay& memory, int k) {
  const auto x = static_cast<float>(k);
  const std::array<float, 2> observation{x, -x}, next{x + 1, -x - 1};
  const std::array<float, 1> action{x};
  memory.add(observation, action, 10 * x, next, k % 2 == 1);
}

TEST(UniformReplay, KeepsTransitionsWhole) {
  UniformReplay memory(8, 2, 1);
  for (int k = 0; k < 5; ++k) add(memory, k);
  envs::Generator generator(0);
  Batch batch;
  memory.sample(200, generator, batch);
  ASSERT_EQ(batch.size, 200u);
  for (std::size_t i = 0; i < 200; ++i) {
    const float k = batch.actions[i];
    EXPECT_EQ(batch.observations[2 * i], k);
    EXPECT_EQ(batch.observations[2 * i + 1], -k);
    EXPECT_EQ(batch.rewards[i], 10 * k);
    EXPECT_EQ(batch.next_observations[2 * i], k + 1);
    EXPECT_EQ(batch.next_observations[2 * i + 1], -k - 1);
    EXPECT_EQ(batch.terminated[i], static_cast<int>(k) % 2 == 1 ? 1.0f : 0.0f);
  }
}

TEST(UniformReplay, ForgetsTheOldestAndDrawsEvenly) {
  UniformReplay memory(4, 2, 1);
  for (int k = 0; k < 10; ++k) add(memory, k);
  EXPECT_EQ(memory.size(), 4u);
  envs::Generator generator(1);
  Batch batch;
  memory.sample(4000, generator, batch);
  std::map<float, int> counts;
  for (const float action : batch.actions) ++counts[action];
  ASSERT_EQ(counts.size(), 4u);
  // 1000 expected of each; five binomial deviations are 5 sqrt(4000 · 1/4 · 3/4) = 137
  for (const float k : {6.0f, 7.0f, 8.0f, 9.0f}) EXPECT_NEAR(counts[k], 1000, 137) << k;
}

TEST(UniformReplay, RestoredGoesOnIdentically) {
  for (const int filled : {3, 4, 7}) {  // partly full, just full, wrapped around
    UniformReplay memory(4, 2, 1), restored(4, 2, 1);
    for (int k = 0; k < filled; ++k) add(memory, k);
    restored.restore(decode(encode(memory.state())).as_dict());
    for (int k = 20; k < 23; ++k) add(memory, k), add(restored, k);
    envs::Generator a(5), b(5);
    Batch from_memory, from_restored;
    memory.sample(64, a, from_memory);
    restored.sample(64, b, from_restored);
    EXPECT_EQ(from_memory.actions, from_restored.actions) << filled;
    EXPECT_EQ(from_memory.next_observations, from_restored.next_observations) << filled;
  }
}

TEST(UniformReplay, RefusesWhatIsWrong) {
  EXPECT_THROW(UniformReplay(0, 2, 1), InvalidArgument);
  EXPECT_THROW(UniformReplay(4, 0, 1), InvalidArgument);
  UniformReplay memory(4, 2, 1);
  envs::Generator generator(0);
  Batch batch;
  EXPECT_THROW(memory.sample(1, generator, batch), InvalidArgument);
  UniformReplay larger(5, 2, 1), wider(4, 3, 1);
  add(memory, 0);
  EXPECT_THROW(larger.restore(memory.state()), TypeMismatch);
  EXPECT_THROW(wider.restore(memory.state()), TypeMismatch);
}

TEST(UniformReplay, StatesItsMemory) {
  // 100,000 rows of 4 + 4 + 1 + 2 floats of 4 bytes
  EXPECT_EQ(UniformReplay::bytes_for(100000, 4, 1), 4400000u);
}

}  // namespace
}  // namespace ludus::replay
