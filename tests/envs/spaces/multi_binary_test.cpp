#include "envs/spaces/multi_binary.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

TEST(MultiBinary, SamplesAsInGymnasiumsDocumentation) {
  MultiBinary five(5);
  five.seed(42);
  EXPECT_EQ(five.sample(), Value(Array::of<std::int8_t>({1, 0, 1, 0, 1})));
  MultiBinary table(Shape{3, 2});
  table.seed(42);
  EXPECT_EQ(table.sample(), Value(Array::of<std::int8_t>({1, 0, 1, 0, 1, 1}).reshaped(Shape{3, 2})));
}

TEST(MultiBinary, ContainsBitsOfAnyDtype) {
  const MultiBinary space(2);
  EXPECT_TRUE(space.contains(Array::of<std::int8_t>({0, 1})));
  EXPECT_TRUE(space.contains(Array::of({0.0, 1.0})));
  EXPECT_FALSE(space.contains(Array::of<std::int8_t>({0, 2})));
  EXPECT_FALSE(space.contains(Array::of<std::int8_t>({0, 1, 1})));
}

TEST(MultiBinary, DrawsByItsProbabilities) {
  MultiBinary space(3);
  space.seed(0);
  int drawn = 0;
  for (int i = 0; i < 1000; ++i) {
    const Value sample = space.sample_weighted(Array::of({0.0, 0.3, 1.0}));
    EXPECT_EQ(sample.as_array().get(0), 0);
    drawn += static_cast<int>(sample.as_array().get(1));
    EXPECT_EQ(sample.as_array().get(2), 1);
  }
  EXPECT_NEAR(drawn, 300, 45);  // three standard deviations
}

TEST(MultiBinary, RefusesMasksAndShapesOfAnotherForm) {
  MultiBinary space(2);
  EXPECT_THROW(space.sample_masked(Array::of<std::int8_t>({0, 3})), InvalidArgument);
  EXPECT_THROW(space.sample_masked(Array::of<std::int64_t>({0, 1})), InvalidArgument);
  EXPECT_THROW(space.sample_masked(Array::of<std::int8_t>({0})), InvalidArgument);
  EXPECT_THROW(space.sample_weighted(Array::of({0.5, 1.5})), InvalidArgument);
  EXPECT_THROW(MultiBinary(0), InvalidArgument);
  EXPECT_THROW(MultiBinary::from_spec({{"shape", List{2}}, {"dtype", "int64"}}), InvalidArgument);
}

TEST(MultiBinary, PrintsAsInGymnasium) {
  EXPECT_EQ(MultiBinary(5).to_string(), "MultiBinary(5)");
  EXPECT_EQ(MultiBinary(Shape{3, 2}).to_string(), "MultiBinary((3, 2))");
  EXPECT_EQ(MultiBinary(Shape{3, 2}).flattened()->to_string(), "Box(0, 1, (6,), int8)");
}

}  // namespace
}  // namespace ludus::envs
