// The common contract of all spaces, checked for each kind.
#include "envs/spaces/space.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/value_io.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/graph.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/one_of.h"
#include "envs/spaces/sequence.h"
#include "envs/spaces/text.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<SpacePtr> two_parts() {
  std::vector<SpacePtr> parts;
  parts.push_back(std::make_unique<Discrete>(3, -1));
  parts.push_back(std::make_unique<Box>(-1, 1, Shape{2}));
  return parts;
}

std::vector<DictSpace::Part> named_parts() {
  std::vector<DictSpace::Part> parts;
  parts.emplace_back("z", std::make_unique<MultiBinary>(2));
  parts.emplace_back("a", std::make_unique<Tuple>(two_parts()));
  return parts;
}

// Pairwise different spaces.
std::vector<SpacePtr> every_kind() {
  std::vector<SpacePtr> spaces;
  spaces.push_back(std::make_unique<Box>(-1, 1, Shape{2, 3}));
  spaces.push_back(std::make_unique<Box>(-1, 1, Shape{2, 3}, DType::kFloat64));
  spaces.push_back(std::make_unique<Box>(0, 255, Shape{4}, DType::kUInt8));
  spaces.push_back(std::make_unique<Box>(-kInfinity, 3, Shape{2}, DType::kInt32));
  spaces.push_back(std::make_unique<Box>(0, 1, Shape{}, DType::kBool));
  spaces.push_back(std::make_unique<Box>(Array::of({-kInfinity, 0.0, -kInfinity, -2.0}),
                                         Array::of({kInfinity, kInfinity, 1.0, 2.0})));
  spaces.push_back(std::make_unique<Discrete>(5));
  spaces.push_back(std::make_unique<Discrete>(5, 2));
  spaces.push_back(std::make_unique<Discrete>(5, -2, DType::kInt8));
  spaces.push_back(std::make_unique<MultiDiscrete>(std::vector<std::int64_t>{3, 4}, std::vector<std::int64_t>{-1, 7}));
  spaces.push_back(std::make_unique<MultiDiscrete>(std::vector<std::int64_t>{3, 4}));
  spaces.push_back(std::make_unique<MultiBinary>(5));
  spaces.push_back(std::make_unique<MultiBinary>(Shape{3, 2}));
  spaces.push_back(std::make_unique<TextSpace>(6, 2, "ludo"));
  spaces.push_back(std::make_unique<Tuple>(two_parts()));
  spaces.push_back(std::make_unique<DictSpace>(named_parts()));
  spaces.push_back(std::make_unique<OneOf>(two_parts()));
  spaces.push_back(std::make_unique<Sequence>(std::make_unique<Discrete>(3)));
  spaces.push_back(std::make_unique<Sequence>(std::make_unique<Tuple>(two_parts()), true));
  spaces.push_back(std::make_unique<Graph>(std::make_unique<Box>(0, 1, Shape{2})));
  spaces.push_back(std::make_unique<Graph>(std::make_unique<Discrete>(3, 5), std::make_unique<Box>(0, 1, Shape{2})));
  return spaces;
}

class EverySpace : public ::testing::TestWithParam<std::size_t> {
 protected:
  SpacePtr space_ = std::move(every_kind()[GetParam()]);
};

TEST_P(EverySpace, ContainsItsSamples) {
  space_->seed(1);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(space_->contains(space_->sample()));
}

TEST_P(EverySpace, RepeatsItselfFromOneSeed) {
  const Value seeded = space_->seed(7);
  List first;
  for (int i = 0; i < 5; ++i) first.push_back(space_->sample());
  EXPECT_EQ(space_->seed(7), seeded);
  List second;
  for (int i = 0; i < 5; ++i) second.push_back(space_->sample());
  EXPECT_EQ(first, second);
  space_->seed(8);
  List other;
  for (int i = 0; i < 5; ++i) other.push_back(space_->sample());
  EXPECT_NE(first, other);
}

TEST_P(EverySpace, ReturnsSeedsThatGiveTheSameStreamAgain) {
  const Value seeded = space_->seed(7);
  const Value sample = space_->sample();
  space_->seed(8);
  EXPECT_EQ(space_->seed_with(seeded), seeded);
  EXPECT_EQ(space_->sample(), sample);
  EXPECT_THROW(space_->seed_with(-1), InvalidArgument);
  EXPECT_THROW(space_->seed_with("seven"), InvalidArgument);
}

TEST_P(EverySpace, ClonesGoOnWithTheSameStreamIndependently) {
  space_->seed(3);
  space_->sample();
  const SpacePtr copy = space_->clone();
  EXPECT_TRUE(copy->equals(*space_));
  const Value next = space_->sample();
  space_->sample();
  EXPECT_EQ(copy->sample(), next);
}

TEST_P(EverySpace, ComesBackFromJson) {
  const SpacePtr again = space_from_spec(from_json(to_json(space_->to_spec())).as_dict());
  EXPECT_TRUE(again->equals(*space_)) << to_json(again->to_spec());
  EXPECT_EQ(again->to_string(), space_->to_string());
  EXPECT_EQ(again->kind(), space_->kind());
  again->seed(5);
  space_->seed(5);
  EXPECT_EQ(again->sample(), space_->sample());
}

TEST_P(EverySpace, DiffersFromEveryOther) {
  const std::vector<SpacePtr> all = every_kind();
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(space_->equals(*all[i]), i == GetParam()) << i;
}

TEST_P(EverySpace, FlattensIntoItsBoxAndBack) {
  if (!space_->is_flattenable()) {
    EXPECT_THROW(space_->flat_size(), InvalidArgument);
    EXPECT_THROW(space_->flattened(), InvalidArgument);
    EXPECT_THROW(space_->row_size(), InvalidArgument);
    EXPECT_THROW(space_->flatten(space_->sample(), {}), InvalidArgument);
    EXPECT_THROW(space_->unflatten({}), InvalidArgument);
    return;
  }
  space_->seed(2);
  const SpacePtr box = space_->flattened();
  ASSERT_EQ(box->flat_size(), space_->flat_size());
  std::vector<double> flat(space_->flat_size());
  std::vector<double> row(space_->row_size());
  for (int i = 0; i < 20; ++i) {
    const Value sample = space_->sample();
    space_->flatten(sample, flat);
    EXPECT_TRUE(box->contains(box->unflatten(flat)));
    EXPECT_EQ(space_->unflatten(flat), sample);
    space_->to_row(sample, row);
    EXPECT_EQ(space_->from_row(row), sample);
  }
  std::vector<double> longer(flat.size() + 1);
  EXPECT_THROW(space_->flatten(space_->sample(), longer), InvalidArgument);
  EXPECT_THROW(space_->unflatten(longer), InvalidArgument);
  EXPECT_THROW(space_->flatten(Value(), flat), InvalidArgument);
}

TEST_P(EverySpace, RefusesStrangersWithoutThrowing) {
  const std::vector<Value> strangers{Value(),
                                     Value(true),
                                     Value(1e300),
                                     Value(std::int64_t{1} << 62),
                                     Value("strange!"),
                                     Value(List{Value(), Value()}),
                                     Value(List{1, 2, 3, 4, 5, 6, 7}),
                                     Value(Dict{{"nodes", 3}}),
                                     Array(DType::kFloat64, Shape{7, 7}),
                                     Array::scalar(std::numeric_limits<double>::quiet_NaN())};
  for (const Value& stranger : strangers) EXPECT_FALSE(space_->contains(stranger)) << stranger.describe();
}

TEST_P(EverySpace, RefusesMasksOfAnotherForm) {
  EXPECT_THROW(space_->sample_masked("mask"), InvalidArgument);
  EXPECT_THROW(space_->sample_weighted(0.5), InvalidArgument);
  EXPECT_THROW(space_->sample_masked(List{1}), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Spaces, EverySpace, ::testing::Range<std::size_t>(0, every_kind().size()));

TEST(Space, SeedsItselfFromEntropyIfNobodyDoes) {
  Box a(0, 1, Shape{4}, DType::kFloat64);
  Box b(0, 1, Shape{4}, DType::kFloat64);
  EXPECT_FALSE(a.seeded_generator().has_value());
  EXPECT_NE(a.sample(), b.sample());  // 128 bits of entropy each
  EXPECT_TRUE(a.seeded_generator().has_value());
}

TEST(Space, GoesOnWithAGivenGenerator) {
  Discrete a(1000);
  a.seed(4);
  a.sample();
  Discrete b(1000);
  b.set_generator(a.generator());
  EXPECT_EQ(a.sample(), b.sample());
}

TEST(Space, NamesTheClosestTypeForAnUnknownOne) {
  try {
    space_from_spec({{"type", "Discrte"}, {"n", 2}});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `Discrete`?"), std::string::npos) << error.what();
  }
  EXPECT_THROW(space_from_spec({}), InvalidArgument);
  EXPECT_THROW(space_from_spec({{"type", 3}}), InvalidArgument);
  EXPECT_THROW(space_from_spec({{"type", "Discrete"}}), InvalidArgument);
  EXPECT_THROW(space_from_spec({{"type", "Discrete"}, {"n", "two"}}), InvalidArgument);
  EXPECT_THROW(space_from_spec({{"type", "Tuple"}, {"spaces", List{3}}}), InvalidArgument);
  EXPECT_THROW(space_from_spec({{"type", "Dict"}, {"keys", List{"a"}}, {"spaces", List{}}}), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
