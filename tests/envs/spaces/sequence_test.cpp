#include "envs/spaces/sequence.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

SpacePtr unit() {
  return std::make_unique<Box>(0, 1, Shape{1});
}

TEST(Sequence, SamplesAsInGymnasiumsDocumentation) {
  Sequence space(unit());
  space.seed(0);
  for (const auto& expected : {std::vector<float>{0.6822636F, 0.18933342F, 0.19049619F},
                               std::vector<float>{0.83506F, 0.9053838F, 0.5836242F, 0.63214064F}}) {
    const List sample = space.sample().as_list();
    ASSERT_EQ(sample.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_FLOAT_EQ(sample[i].as_array().data<float>()[0], expected[i]);
  }
}

TEST(Sequence, StacksItsElements) {
  Sequence listed(unit());
  Sequence stacked(unit(), true);
  listed.seed(0);
  stacked.seed(0);
  const List elements = listed.sample().as_list();
  const Array batch = stacked.sample().as_array();
  ASSERT_EQ(batch.shape(), (Shape{3, 1}));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(batch.get(i), elements[i].as_array().get(0));
  EXPECT_TRUE(stacked.contains(batch));
  EXPECT_FALSE(stacked.contains(elements));
  EXPECT_FALSE(listed.contains(batch));
  EXPECT_FALSE(stacked.contains(Array::of({0.5F, 2.0F}).reshaped(Shape{2, 1})));
}

TEST(Sequence, TakesALengthOrAChoiceOfThem) {
  Sequence space(std::make_unique<Discrete>(3));
  space.seed(0);
  const Value last = Array::of<std::int8_t>({0, 0, 1});
  EXPECT_EQ(space.sample_masked(List{2, last}), Value(List{2, 2}));
  EXPECT_EQ(space.sample_masked(List{0, last}), Value(List{}));
  EXPECT_EQ(space.sample_weighted(List{1, Array::of({0.0, 1.0, 0.0})}), Value(List{1}));
  for (int i = 0; i < 20; ++i) {
    const std::size_t length = space.sample_masked(List{Array::of<std::int64_t>({2, 5}), Value()}).as_list().size();
    EXPECT_TRUE(length == 2 || length == 5);
  }
  EXPECT_THROW(space.sample_masked(List{-1, last}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(List{Array::of<std::int64_t>({2, -5}), last}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(List{1.5, last}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(last), InvalidArgument);
}

TEST(Sequence, IsOfNoFixedSize) {
  const Sequence space(unit());
  EXPECT_TRUE(space.contains(List{}));
  EXPECT_FALSE(space.is_flattenable());
  EXPECT_THROW(Sequence(nullptr), InvalidArgument);
}

TEST(Sequence, PrintsAsInGymnasium) {
  EXPECT_EQ(Sequence(unit()).to_string(), "Sequence(Box(0.0, 1.0, (1,), float32), stack=False)");
  EXPECT_EQ(Sequence(unit(), true).to_string(), "Sequence(Box(0.0, 1.0, (1,), float32), stack=True)");
}

}  // namespace
}  // namespace ludus::envs
