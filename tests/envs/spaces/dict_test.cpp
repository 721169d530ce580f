#include "envs/spaces/dict.h"

#include <gtest/gtest.h>

#include <vector>

#include "envs/spaces/sequence.h"

namespace ludus::envs {
namespace {

std::vector<DictSpace::Part> position_and_color_parts() {
  std::vector<DictSpace::Part> parts;
  parts.emplace_back("position", std::make_unique<Box>(-1, 1, Shape{2}));
  parts.emplace_back("color", std::make_unique<Discrete>(3));
  return parts;
}

TEST(DictSpace, SortsKeysAndSamplesAsInGymnasiumsDocumentation) {
  DictSpace space(position_and_color_parts());
  space.seed(42);
  const Value sample = space.sample();
  EXPECT_EQ(sample.as_dict().begin()->first, "color");
  EXPECT_EQ(sample.as_dict().at("color"), Value(0));
  EXPECT_FLOAT_EQ(sample.as_dict().at("position").as_array().data<float>()[0], -0.3991573F);
  EXPECT_FLOAT_EQ(sample.as_dict().at("position").as_array().data<float>()[1], 0.21649833F);
}

TEST(DictSpace, KeepsTheGivenOrderOnRequest) {
  const DictSpace space(position_and_color_parts(), DictSpace::KeyOrder::kAsGiven);
  EXPECT_EQ(space.keys(), (std::vector<std::string>{"position", "color"}));
  EXPECT_FALSE(space.equals(DictSpace(position_and_color_parts())));
}

TEST(DictSpace, ContainsItsKeysInAnyOrder) {
  const DictSpace space(position_and_color_parts());
  const Value position = Array::of({0.0F, 0.0F});
  EXPECT_TRUE(space.contains(Dict{{"position", position}, {"color", 1}}));
  EXPECT_TRUE(space.contains(Dict{{"color", 1}, {"position", position}}));
  EXPECT_FALSE(space.contains(Dict{{"color", 1}}));
  EXPECT_FALSE(space.contains(Dict{{"color", 3}, {"position", position}}));
  EXPECT_FALSE(space.contains(Dict{{"color", 1}, {"position", position}, {"size", 1}}));
}

TEST(DictSpace, HandsEachPartItsOwnMaskAndSeed) {
  DictSpace space(position_and_color_parts());
  const Value last = Array::of<std::int8_t>({0, 0, 1});
  EXPECT_EQ(space.sample_masked(Dict{{"color", last}, {"position", Value()}}).as_dict().at("color"), Value(2));
  EXPECT_THROW(space.sample_masked(Dict{{"color", last}}), InvalidArgument);
  EXPECT_EQ(space.seed_with(Dict{{"position", 4}, {"color", 5}}), Value(Dict{{"color", 5}, {"position", 4}}));
  Box box(-1, 1, Shape{2});
  box.seed(4);
  EXPECT_EQ(space.sample().as_dict().at("position"), box.sample());
  EXPECT_THROW(space.seed_with(Dict{{"position", 4}}), InvalidArgument);
}

TEST(DictSpace, FlattensInTheOrderOfItsKeys) {
  const DictSpace space(position_and_color_parts());
  std::vector<double> flat(5);
  space.flatten(Dict{{"position", Array::of({0.25F, -0.5F})}, {"color", 1}}, flat);
  EXPECT_EQ(flat, (std::vector<double>{0, 1, 0, 0.25, -0.5}));
  EXPECT_EQ(static_cast<const Box&>(*space.flattened()).dtype(), DType::kFloat64);  // of int64 and float32
  std::vector<double> row(3);
  space.to_row(Dict{{"position", Array::of({0.25F, -0.5F})}, {"color", 1}}, row);
  EXPECT_EQ(row, (std::vector<double>{1, 0.25, -0.5}));
}

TEST(DictSpace, FindsItsPartsByName) {
  DictSpace space(position_and_color_parts());
  EXPECT_EQ(space.at("color").to_string(), "Discrete(3)");
  EXPECT_THROW(space.at("colour"), InvalidArgument);
  std::vector<DictSpace::Part> twice = position_and_color_parts();
  twice.emplace_back("color", std::make_unique<Discrete>(3));
  EXPECT_THROW(DictSpace{std::move(twice)}, InvalidArgument);
}

TEST(DictSpace, CannotBeFlattenedAroundASequence) {
  std::vector<DictSpace::Part> parts;
  parts.emplace_back("words", std::make_unique<Sequence>(std::make_unique<Discrete>(2)));
  const DictSpace space(std::move(parts));
  EXPECT_FALSE(space.is_flattenable());
  EXPECT_THROW(space.flat_size(), InvalidArgument);
}

TEST(DictSpace, PrintsAsInGymnasium) {
  EXPECT_EQ(DictSpace(position_and_color_parts()).to_string(),
            "Dict('color': Discrete(3), 'position': Box(-1.0, 1.0, (2,), float32))");
  std::vector<DictSpace::Part> odd;
  odd.emplace_back("it's", std::make_unique<Discrete>(1));
  odd.emplace_back("a\"'\n\x01\\", std::make_unique<Discrete>(1));
  EXPECT_EQ(DictSpace(std::move(odd), DictSpace::KeyOrder::kAsGiven).to_string(),
            "Dict(\"it's\": Discrete(1), 'a\"\\'\\n\\x01\\\\': Discrete(1))");
}

}  // namespace
}  // namespace ludus::envs
