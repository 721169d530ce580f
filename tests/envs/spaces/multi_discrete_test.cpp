#include "envs/spaces/multi_discrete.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

TEST(MultiDiscrete, RefusesCountsThatMakeNoSpace) {
  EXPECT_THROW(MultiDiscrete({2, 0}), InvalidArgument);
  EXPECT_THROW(MultiDiscrete({2, 2}, {1}), InvalidArgument);
  EXPECT_THROW(MultiDiscrete({2, 300}, {}, DType::kUInt8), InvalidArgument);
  EXPECT_THROW(MultiDiscrete({2}, {}, DType::kFloat32), InvalidArgument);
}

TEST(MultiDiscrete, SamplesAsInGymnasiumsDocumentation) {
  MultiDiscrete space(Array::of<std::int64_t>({1, 2, 3, 4}).reshaped(Shape{2, 2}), Array(DType::kInt64, Shape{2, 2}));
  space.seed(42);
  EXPECT_EQ(space.sample(), Value(Array::of<std::int64_t>({0, 0, 2, 2}).reshaped(Shape{2, 2})));
}

TEST(MultiDiscrete, ContainsArraysInEveryRange) {
  const MultiDiscrete space({3, 4}, {-1, 10});
  EXPECT_TRUE(space.contains(Array::of<std::int64_t>({-1, 13})));
  EXPECT_TRUE(space.contains(Array::of<std::int8_t>({1, 10})));
  EXPECT_FALSE(space.contains(Array::of<std::int64_t>({2, 13})));
  EXPECT_FALSE(space.contains(Array::of<std::int64_t>({-1, 9})));
  EXPECT_FALSE(space.contains(Array::of({1.0, 10.0})));
  EXPECT_FALSE(space.contains(Array::of<std::int64_t>({1, 10, 1})));
}

TEST(MultiDiscrete, RestrictsEachElementByItsOwnMask) {
  MultiDiscrete space({3, 2}, {5, 0});
  space.seed(0);
  // one allowed choice each, and none for the second, which becomes its start
  const Value mask = List{Array::of<std::int8_t>({0, 0, 1}), Array::of<std::int8_t>({0, 0})};
  EXPECT_EQ(space.sample_masked(mask), Value(Array::of<std::int64_t>({7, 0})));
  const Value chance = List{Array::of({0.0, 1.0, 0.0}), Array::of({0.0, 1.0})};
  EXPECT_EQ(space.sample_weighted(chance), Value(Array::of<std::int64_t>({6, 1})));
  EXPECT_THROW(space.sample_masked(List{Array::of<std::int8_t>({0, 0, 1})}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(Array::of<std::int8_t>({0, 0, 1})), InvalidArgument);
  EXPECT_THROW(space.sample_weighted(List{Array::of({0.0, 0.5, 0.0}), Array::of({0.0, 1.0})}), InvalidArgument);
}

TEST(MultiDiscrete, NestsMasksAsTheShape) {
  MultiDiscrete space(Array::of<std::int64_t>({2, 2}).reshaped(Shape{2, 1}), Array(DType::kInt64, Shape{2, 1}));
  const Value second = Array::of<std::int8_t>({0, 1});
  EXPECT_EQ(space.sample_masked(List{List{second}, List{second}}),
            Value(Array::of<std::int64_t>({1, 1}).reshaped(Shape{2, 1})));
  EXPECT_THROW(space.sample_masked(List{second, second}), InvalidArgument);
}

TEST(MultiDiscrete, WeighsTheChoices) {
  MultiDiscrete space({2});
  space.seed(0);
  int ones = 0;
  for (int i = 0; i < 1000; ++i) {
    ones += static_cast<int>(space.sample_weighted(List{Array::of({0.2, 0.8})}).as_array().get(0));
  }
  EXPECT_NEAR(ones, 800, 40);  // three standard deviations
}

TEST(MultiDiscrete, FlattensToOneHotSectionsAndTravelsAsItsNumbers) {
  const MultiDiscrete space({3, 2}, {1, 0}, DType::kInt32);
  const Value element = Array::of<std::int32_t>({2, 1});
  std::vector<double> flat(5);
  space.flatten(element, flat);
  EXPECT_EQ(flat, (std::vector<double>{0, 1, 0, 0, 1}));
  EXPECT_EQ(space.unflatten(flat), element);
  EXPECT_EQ(space.flattened()->to_string(), "Box(0, 1, (5,), int32)");
  std::vector<double> row(2);
  space.to_row(element, row);
  EXPECT_EQ(row, (std::vector<double>{2, 1}));
  EXPECT_THROW(space.unflatten(std::vector<double>{0, 1, 0, 0, 0}), InvalidArgument);
  EXPECT_THROW(space.from_row(std::vector<double>{0.5, 0}), InvalidArgument);
  EXPECT_THROW(space.flatten(Array::of<std::int32_t>({0, 0}), flat), InvalidArgument);
}

TEST(MultiDiscrete, PrintsAsInGymnasium) {
  EXPECT_EQ(MultiDiscrete({5, 2, 2}).to_string(), "MultiDiscrete([5 2 2])");
  EXPECT_EQ(MultiDiscrete({3, 4}, {-1, 10}).to_string(), "MultiDiscrete([3 4], start=[-1 10])");
}

}  // namespace
}  // namespace ludus::envs
