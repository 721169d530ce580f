#include "envs/spaces/one_of.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

OneOf discrete_or_box() {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(2));
  parts.push_back(std::make_unique<Box>(-1, 1, Shape{3}));
  return OneOf(std::move(parts));
}

TEST(OneOf, SamplesAsInGymnasiumsDocumentation) {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(2));
  parts.push_back(std::make_unique<Box>(-1, 1, Shape{2}));
  OneOf space(std::move(parts));
  space.seed(123);
  EXPECT_EQ(space.sample(), Value(List{0, 0}));
  const List second = space.sample().as_list();
  EXPECT_EQ(second[0], Value(1));
  EXPECT_NEAR(second[1].as_array().get(0), -0.00711833, 1e-8);
  EXPECT_NEAR(second[1].as_array().get(1), -0.7257502, 1e-7);
}

TEST(OneOf, ContainsAnIndexAndAnElementOfThatPart) {
  const OneOf space = discrete_or_box();
  EXPECT_TRUE(space.contains(List{0, 1}));
  EXPECT_FALSE(space.contains(List{1, 1}));
  EXPECT_FALSE(space.contains(List{2, 1}));
  EXPECT_FALSE(space.contains(List{-1, 1}));
  EXPECT_FALSE(space.contains(List{0}));
}

TEST(OneOf, FillsTheShorterPartWithItsFirstNumber) {
  const OneOf space = discrete_or_box();
  EXPECT_EQ(space.flat_size(), 4U);
  std::vector<double> flat(4);
  space.flatten(List{0, 0}, flat);
  EXPECT_EQ(flat, (std::vector<double>{0, 1, 0, 1}));
  space.flatten(List{1, Array::of({0.5F, 0.25F, 0.0F})}, flat);
  EXPECT_EQ(flat, (std::vector<double>{1, 0.5, 0.25, 0}));
  EXPECT_EQ(space.flattened()->to_string(), "Box([ 0. -1. -1. -1.], 1.0, (4,), float64)");
  flat[0] = 2;
  EXPECT_THROW(space.unflatten(flat), InvalidArgument);
  EXPECT_THROW(space.flatten(List{0, 7}, flat), InvalidArgument);
}

TEST(OneOf, HandsTheDrawnPartItsMask) {
  OneOf space = discrete_or_box();
  space.seed(0);
  const Value mask = List{Array::of<std::int8_t>({0, 1}), Value()};
  for (int i = 0; i < 20; ++i) {
    const List sample = space.sample_masked(mask).as_list();
    EXPECT_TRUE(sample[0] == Value(1) || sample[1] == Value(1));
  }
  EXPECT_THROW(space.sample_masked(List{Value()}), InvalidArgument);
}

TEST(OneOf, NeedsAPart) {
  EXPECT_THROW(OneOf({}), InvalidArgument);
  EXPECT_EQ(discrete_or_box().to_string(), "OneOf(Discrete(2), Box(-1.0, 1.0, (3,), float32))");
}

}  // namespace
}  // namespace ludus::envs
