#include "replay/uniform_replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr ReplayOptions kFour{.capacity = 4, .observation_size = 1, .action_size = 1};

void add(ReplayBuffer& memory, int k) {
  const std::array<float, 1> x{static_cast<float>(k)};
  memory.add({.observation = x, .action = x, .next_observation = x});
}

TEST(UniformReplay, DrawsEvenly) {
  UniformReplay memory(kFour);
  for (int k = 0; k < 10; ++k) add(memory, k);
  Generator generator(1);
  Batch batch;
  memory.sample(4000, generator, batch);
  std::map<float, int> counts;
  for (const float action : batch.actions) ++counts[action];
  ASSERT_EQ(counts.size(), 4u);
  // 1000 expected of each; five binomial standard deviations are 5 sqrt(4000 · 1/4 · 3/4) = 137
  for (const float k : {6.0f, 7.0f, 8.0f, 9.0f}) EXPECT_NEAR(counts[k], 1000, 137) << k;
  EXPECT_EQ(batch.weights, std::vector<float>(4000, 1.0f));
}

// One integer per row, which is the slot: recorded runs depend on it.
TEST(UniformReplay, DrawsOneNumberARow) {
  for (const int filled : {3, 4, 6}) {
    UniformReplay memory(kFour);
    for (int k = 0; k < filled; ++k) add(memory, k);
    Generator generator(2), same(2);
    Batch batch;
    memory.sample(50, generator, batch);
    for (const std::size_t slot : batch.slots) {
      EXPECT_EQ(static_cast<std::int64_t>(slot), same.integers(std::min(filled, 4)));
    }
    EXPECT_EQ(generator, same);
  }
}

TEST(UniformReplay, AsksNothingOfErrorsAndRefusesPriorities) {
  UniformReplay memory(kFour);
  add(memory, 0);
  const Dict before = state_as_dict(memory);
  memory.update_priorities(std::array<std::size_t, 1>{0}, std::array<float, 1>{5});
  memory.set_beta(0.5);
  EXPECT_EQ(state_as_dict(memory), before);
  ReplayOptions options = kFour;
  options.priorities = PriorityOptions{};
  EXPECT_THROW(UniformReplay{options}, InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
