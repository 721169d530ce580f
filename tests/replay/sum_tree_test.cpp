#include "replay/sum_tree.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace ludus::replay {
namespace {

// Prefix sums 1, 1, 4, 6: index 0 covers [0, 1), 1 nothing, 2 [1, 4), 3 [4, 6).
TEST(SumTree, ByHand) {
  SumTree tree(5);
  for (const auto& [i, value] : {std::pair{0, 1.0}, {2, 3.0}, {3, 2.0}}) tree.set(static_cast<std::size_t>(i), value);
  EXPECT_EQ(tree.total(), 6);
  EXPECT_EQ(tree[2], 3);
  EXPECT_EQ(tree.find(0), 0u);
  EXPECT_EQ(tree.find(0.999), 0u);
  EXPECT_EQ(tree.find(1), 2u);
  EXPECT_EQ(tree.find(3.999), 2u);
  EXPECT_EQ(tree.find(4), 3u);
  EXPECT_EQ(tree.find(5.999), 3u);
  // beyond the end, where rounding may lead: the last that is not 0
  EXPECT_EQ(tree.find(6), 3u);
  tree.set(2, 0.5);
  EXPECT_EQ(tree.total(), 3.5);
  EXPECT_EQ(tree.find(1.5), 3u);
}

// Integers, with exact sums: the first index with a prefix sum above `at`, by linear search.
TEST(SumTree, FindsWhatALookAtAllFinds) {
  Generator random(3);
  for (const std::size_t size : {1u, 2u, 3u, 8u, 100u, 129u}) {
    SumTree tree(size);
    std::vector<double> values(size, 0.0);
    for (int step = 0; step < 2000; ++step) {
      const auto i = static_cast<std::size_t>(random.integers(static_cast<std::int64_t>(size)));
      values[i] = static_cast<double>(random.integers(4));  // 0 is frequent
      tree.set(i, values[i]);
      double total = 0;
      for (const double value : values) total += value;
      ASSERT_EQ(tree.total(), total);
      if (total == 0) continue;
      const double at = random.random() * total;
      std::size_t expected = 0;
      for (double sum = values[0]; sum <= at; sum += values[++expected]) {
      }
      ASSERT_EQ(tree.find(at), expected) << size << ' ' << at;
    }
  }
}

// A tree that adjusted its sums by differences would accumulate the rounding errors of a hundred thousand changes.
TEST(SumTree, DoesNotDrift) {
  Generator random(4);
  SumTree tree(100);
  std::vector<double> values(100, 0.0);
  for (int step = 0; step < 100'000; ++step) {
    const auto i = static_cast<std::size_t>(random.integers(100));
    values[i] = std::exp(random.normal(0, 10));
    tree.set(i, values[i]);
  }
  SumTree fresh(100);
  for (std::size_t i = 0; i < 100; ++i) fresh.set(i, values[i]);
  EXPECT_EQ(tree.total(), fresh.total());
  for (std::size_t i = 0; i < 100; ++i) tree.set(i, 0);
  EXPECT_EQ(tree.total(), 0);
}

TEST(SumTree, StatesItsMemoryAndNeedsASize) {
  EXPECT_EQ(SumTree::bytes(5), 2 * 8 * 8);  // 8 leaves, 8 bytes each, and as many nodes above
  EXPECT_EQ(SumTree::bytes(8), 2 * 8 * 8);
  EXPECT_THROW(SumTree(0), InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
