#include "envs/spaces/tuple.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

Tuple discrete_and_box() {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(2));
  parts.push_back(std::make_unique<Box>(-1, 1, Shape{2}));
  return Tuple(std::move(parts));
}

TEST(Tuple, SamplesAsInGymnasiumsDocumentation) {
  Tuple space = discrete_and_box();
  space.seed(42);
  const List sample = space.sample().as_list();
  EXPECT_EQ(sample[0], Value(0));
  EXPECT_FLOAT_EQ(sample[1].as_array().data<float>()[0], -0.3991573F);
  EXPECT_FLOAT_EQ(sample[1].as_array().data<float>()[1], 0.21649833F);
}

TEST(Tuple, HandsEachPartItsOwnMask) {
  Tuple space = discrete_and_box();
  const Value second = Array::of<std::int8_t>({0, 1});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(space.sample_masked(List{second, Value()}).as_list()[0], Value(1));
  EXPECT_EQ(space.sample_weighted(List{Array::of({1.0, 0.0}), Value()}).as_list()[0], Value(0));
  EXPECT_THROW(space.sample_masked(List{second}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(List{second, second}), InvalidArgument);  // a Box does not support masks
}

TEST(Tuple, TakesOneSeedForEachPart) {
  Tuple space = discrete_and_box();
  space.seed_with(List{3, 4});
  Box box(-1, 1, Shape{2});
  box.seed(4);
  EXPECT_EQ(space.sample().as_list()[1], box.sample());
  EXPECT_THROW(space.seed_with(List{3}), InvalidArgument);
}

TEST(Tuple, FlattensPartAfterPart) {
  const Tuple space = discrete_and_box();
  const Value element = List{1, Array::of({0.5F, -0.5F})};
  std::vector<double> flat(4);
  space.flatten(element, flat);
  EXPECT_EQ(flat, (std::vector<double>{0, 1, 0.5, -0.5}));
  EXPECT_EQ(space.flattened()->to_string(), "Box([ 0.  0. -1. -1.], 1.0, (4,), float64)");
  std::vector<double> row(3);
  space.to_row(element, row);
  EXPECT_EQ(row, (std::vector<double>{1, 0.5, -0.5}));
  EXPECT_THROW(space.to_row(List{1}, row), InvalidArgument);
}

TEST(Tuple, ContainsListsOfItsParts) {
  const Tuple space = discrete_and_box();
  EXPECT_TRUE(space.contains(List{1, Array::of({0.5F, -0.5F})}));
  EXPECT_FALSE(space.contains(List{2, Array::of({0.5F, -0.5F})}));
  EXPECT_FALSE(space.contains(List{1}));
}

TEST(Tuple, CopiesItsParts) {
  Tuple space = discrete_and_box();
  space.seed(1);
  Tuple copy = discrete_and_box();
  copy = space;
  const Value next = space.sample();
  EXPECT_EQ(copy.sample(), next);
  std::vector<SpacePtr> nothing(1);
  EXPECT_THROW(Tuple{std::move(nothing)}, InvalidArgument);
}

TEST(Tuple, PrintsAsInGymnasium) {
  EXPECT_EQ(discrete_and_box().to_string(), "Tuple(Discrete(2), Box(-1.0, 1.0, (2,), float32))");
}

}  // namespace
}  // namespace ludus::envs
