// The row form is on the hot path of vector environments: small elements must not allocate.
#include <gtest/gtest.h>

#include <vector>

#include "envs/spaces/space.h"
#include "tests/envs/allocations.h"

namespace ludus::envs {
namespace {

// Counts the allocations of a thousand checks and row conversions in both directions.
std::size_t allocations_of_rows(const Space& space, const Value& element) {
  std::vector<double> row(space.row_size());
  const std::size_t before = testing::allocations();
  bool same = true;
  for (int i = 0; i < 1000; ++i) {
    space.to_row(element, row);
    same = same && space.contains(space.from_row(row));
  }
  EXPECT_TRUE(same);
  return testing::allocations() - before;
}

TEST(RowAllocations, CountsWhatIsAllocated) {
  const std::size_t before = testing::allocations();
  const auto number = std::make_unique<std::vector<int>>(3);
  EXPECT_EQ(number->size(), 3U);
  EXPECT_EQ(testing::allocations() - before, 2U);
}

TEST(RowAllocations, RowsOfSmallElementsNeedNone) {
  EXPECT_EQ(allocations_of_rows(Discrete(3, -1), 1), 0U);
  // 64 bytes: 16 floats or 8 doubles
  EXPECT_EQ(allocations_of_rows(Box(-1, 1, Shape{4, 4}), Array(DType::kFloat32, Shape{4, 4})), 0U);
  EXPECT_EQ(allocations_of_rows(Box(-1, 1, Shape{8}, DType::kFloat64), Array(DType::kFloat64, Shape{8})), 0U);
  EXPECT_GT(allocations_of_rows(Box(-1, 1, Shape{17}), Array(DType::kFloat32, Shape{17})), 0U);
}

}  // namespace
}  // namespace ludus::envs
