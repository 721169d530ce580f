#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {
namespace {

TEST(Discrete, RefusesWhatItsDtypeCannotHold) {
  EXPECT_THROW(Discrete(0), InvalidArgument);
  EXPECT_THROW(Discrete(2, 0, DType::kFloat32), InvalidArgument);
  EXPECT_THROW(Discrete(2, 0, DType::kBool), InvalidArgument);
  EXPECT_THROW(Discrete(2, 127, DType::kInt8), InvalidArgument);
  EXPECT_THROW(Discrete(2, -1, DType::kUInt8), InvalidArgument);
  EXPECT_THROW(Discrete(257, 0, DType::kUInt8), InvalidArgument);
  EXPECT_THROW(Discrete(2, std::numeric_limits<std::int64_t>::max()), InvalidArgument);
  EXPECT_EQ(Discrete(256, -128, DType::kInt8).n(), 256);
  EXPECT_EQ(Discrete(5, -2).start(), -2);
}

TEST(Discrete, ContainsItsIntegersOnly) {
  const Discrete space(3, -1);
  EXPECT_TRUE(space.contains(-1));
  EXPECT_TRUE(space.contains(1));
  EXPECT_FALSE(space.contains(2));
  EXPECT_FALSE(space.contains(-2));
  EXPECT_FALSE(space.contains(0.0));
  EXPECT_FALSE(space.contains(false));
  EXPECT_TRUE(space.contains(Array::scalar<std::int32_t>(1)));  // an integer array of rank 0
  EXPECT_FALSE(space.contains(Array::scalar(1.0)));
  EXPECT_FALSE(space.contains(Array::of<std::int64_t>({1})));
  EXPECT_FALSE(Discrete(3).contains(Array::scalar(std::numeric_limits<std::uint64_t>::max())));
}

TEST(Discrete, SamplesTheFirstNumbersOfGymnasiumsDocumentation) {
  Discrete two(2);
  two.seed(42);
  EXPECT_EQ(two.sample(), Value(0));
  Discrete three(3, -1);
  three.seed(42);
  EXPECT_EQ(three.sample(), Value(-1));
  EXPECT_EQ(three.sample_masked(Array::of<std::int8_t>({0, 0, 1})), Value(1));
  EXPECT_EQ(three.sample_weighted(Array::of({0.0, 0.0, 1.0})), Value(1));
  EXPECT_EQ(three.sample_weighted(Array::of({0.0, 0.3, 0.7})), Value(1));
}

TEST(Discrete, DrawsNothingUnderAnEmptyMask) {
  Discrete space(3, 7);
  space.seed(1);
  const Generator before = space.generator();
  EXPECT_EQ(space.sample_masked(Array::of<std::int8_t>({0, 0, 0})), Value(7));
  EXPECT_EQ(space.generator(), before);
}

TEST(Discrete, RefusesMasksAndProbabilitiesOfAnotherForm) {
  Discrete space(3);
  EXPECT_THROW(space.sample_masked(Array::of<std::int8_t>({0, 1})), InvalidArgument);      // length
  EXPECT_THROW(space.sample_masked(Array::of<std::int8_t>({0, 1, 2})), InvalidArgument);   // neither 0 nor 1
  EXPECT_THROW(space.sample_masked(Array::of<std::int64_t>({0, 1, 1})), InvalidArgument);  // dtype
  EXPECT_THROW(space.sample_weighted(Array::of({0.5, 0.4, 0.0})), InvalidArgument);        // sum
  EXPECT_THROW(space.sample_weighted(Array::of({1.5, -0.5, 0.0})), InvalidArgument);       // range
  EXPECT_THROW(space.sample_weighted(Array::of({0.5F, 0.5F, 0.0F})), InvalidArgument);     // dtype
}

TEST(Discrete, FlattensToOneHotAndTravelsAsItsNumber) {
  const Discrete space(3, -1);
  std::vector<double> flat(3);
  space.flatten(1, flat);
  EXPECT_EQ(flat, (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(space.unflatten(flat), Value(1));
  EXPECT_EQ(space.flattened()->to_string(), "Box(0, 1, (3,), int64)");
  EXPECT_EQ(space.row_size(), 1U);
  std::vector<double> row(1);
  space.to_row(-1, row);
  EXPECT_EQ(row[0], -1);
  EXPECT_EQ(space.from_row(row), Value(-1));

  EXPECT_THROW(space.flatten(2, flat), InvalidArgument);
  EXPECT_THROW(space.to_row(2, row), InvalidArgument);
  EXPECT_THROW(space.unflatten(std::vector<double>{0, 0, 0}), InvalidArgument);
  EXPECT_THROW(space.from_row(std::vector<double>{0.5}), InvalidArgument);
  EXPECT_THROW(space.from_row(std::vector<double>{std::nan("")}), InvalidArgument);
}

TEST(Discrete, PrintsAsInGymnasium) {
  EXPECT_EQ(Discrete(2).to_string(), "Discrete(2)");
  EXPECT_EQ(Discrete(3, -1).to_string(), "Discrete(3, start=-1)");
}

}  // namespace
}  // namespace ludus::envs
