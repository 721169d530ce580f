#include "envs/spaces/batch.h"

#include <gtest/gtest.h>

#include <vector>

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

SpacePtr position_and_color() {
  std::vector<DictSpace::Part> parts;
  parts.emplace_back("position", std::make_unique<Box>(0, 1, Shape{3}));
  parts.emplace_back("color", std::make_unique<Discrete>(4, 2));
  return std::make_unique<DictSpace>(std::move(parts), DictSpace::KeyOrder::kAsGiven);
}

std::vector<SpacePtr> every_kind() {
  std::vector<SpacePtr> pair;
  pair.push_back(position_and_color());
  pair.push_back(std::make_unique<TextSpace>(3));
  std::vector<SpacePtr> spaces;
  spaces.push_back(std::make_unique<Box>(-1, 1, Shape{2, 2}));
  spaces.push_back(std::make_unique<Discrete>(3, -5, DType::kInt16));
  spaces.push_back(std::make_unique<MultiDiscrete>(std::vector<std::int64_t>{3, 4}));
  spaces.push_back(std::make_unique<MultiBinary>(Shape{2, 2}));
  spaces.push_back(std::make_unique<TextSpace>(4));
  spaces.push_back(std::make_unique<Tuple>(std::move(pair)));
  spaces.push_back(position_and_color());
  spaces.push_back(std::make_unique<Sequence>(std::make_unique<Discrete>(2)));
  spaces.push_back(std::make_unique<Graph>(std::make_unique<Discrete>(2), std::make_unique<Discrete>(2)));
  std::vector<SpacePtr> either;
  either.push_back(std::make_unique<Discrete>(2));
  spaces.push_back(std::make_unique<OneOf>(std::move(either)));
  return spaces;
}

class EveryBatch : public ::testing::TestWithParam<std::size_t> {
 protected:
  SpacePtr space_ = std::move(every_kind()[GetParam()]);
};

TEST_P(EveryBatch, HoldsWhatIsConcatenatedAndGivesItBack) {
  space_->seed(1);
  List items;
  for (int i = 0; i < 4; ++i) items.push_back(space_->sample());
  const Value batch = concatenate(*space_, items);
  EXPECT_EQ(iterate(*space_, batch), items);
  EXPECT_TRUE(batch_space(*space_, 4)->contains(batch));
  EXPECT_FALSE(batch_space(*space_, 3)->contains(batch));
}

TEST_P(EveryBatch, SamplesElements) {
  space_->seed(1);
  const SpacePtr batch = batch_space(*space_, 3);
  const List items = iterate(*space_, batch->sample());
  ASSERT_EQ(items.size(), 3U);
  for (const Value& item : items) EXPECT_TRUE(space_->contains(item)) << item.describe();
}

TEST_P(EveryBatch, StartsEmpty) {
  EXPECT_EQ(iterate(*space_, create_empty(*space_, 5)).size(), 5U);
  EXPECT_THROW(create_empty(*space_, -1), InvalidArgument);
  EXPECT_THROW(batch_space(*space_, 0), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Spaces, EveryBatch, ::testing::Range<std::size_t>(0, every_kind().size()));

TEST(Batch, PrintsAsInGymnasiumsDocumentation) {
  EXPECT_EQ(batch_space(*position_and_color(), 5)->to_string(),
            "Dict('position': Box(0.0, 1.0, (5, 3), float32), 'color': MultiDiscrete([4 4 4 4 4], start=[2 2 2 2 2]))");
  EXPECT_EQ(batch_space(MultiDiscrete({3, 4}, {1, 0}), 2)->to_string(), "Box([[1 0]\n [1 0]], 3, (2, 2), int64)");
  EXPECT_EQ(batch_space(MultiBinary(2), 3)->to_string(), "Box(0, 1, (3, 2), int8)");
  EXPECT_EQ(batch_space(TextSpace(2, 1, "ab"), 2)->to_string(),
            "Tuple(Text(1, 2, charset=ab), Text(1, 2, charset=ab))");
}

TEST(Batch, ConcatenatesAsInGymnasiumsDocumentation) {
  Box space(0, 1, Shape{3});
  space.seed(42);
  const List items{space.sample(), space.sample()};
  const Array batch = concatenate(space, items).as_array();
  const std::vector<float> expected{0.77395606F, 0.43887845F, 0.85859793F, 0.697368F, 0.09417735F, 0.97562236F};
  ASSERT_EQ(batch.shape(), (Shape{2, 3}));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ(batch.data<float>()[i], expected[i]);

  // the batch continues the space's stream: the same numbers for the same seed
  space.seed(42);
  EXPECT_EQ(batch_space(space, 2)->sample(), Value(batch));
}

TEST(Batch, RefusesItemsAndBatchesOfAnotherForm) {
  const Box box(0, 1, Shape{2});
  EXPECT_THROW(concatenate(box, List{Array::of({0.5F})}), InvalidArgument);
  EXPECT_THROW(concatenate(box, List{Array::of({0.5, 0.5})}), InvalidArgument);  // float64 into float32
  EXPECT_THROW(concatenate(box, List{0.5}), InvalidArgument);
  EXPECT_THROW(concatenate(Discrete(2, 0, DType::kInt8), List{300}), InvalidArgument);
  EXPECT_THROW(concatenate(*position_and_color(), List{Dict{{"color", 2}}}), InvalidArgument);
  EXPECT_THROW(iterate(box, Array::of({0.5F, 0.5F})), InvalidArgument);
  EXPECT_THROW(iterate(*position_and_color(), Dict{{"color", 2}}), InvalidArgument);
  EXPECT_THROW(iterate(TextSpace(2), "ab"), InvalidArgument);
  // parts of different lengths
  EXPECT_THROW(iterate(*position_and_color(), Dict{{"position", Array(DType::kFloat32, Shape{2, 3})},
                                                   {"color", Array(DType::kInt64, Shape{3})}}),
               InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
