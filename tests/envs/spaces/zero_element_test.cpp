#include "envs/spaces/zero_element.h"

#include <gtest/gtest.h>

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

// Returns the zero element after checking that the space contains it.
Value zero(const Space& space) {
  const Value value = zero_element(space);
  EXPECT_TRUE(space.contains(value)) << space.to_string() << ": " << value.describe();
  return value;
}

SpacePtr box() {
  return std::make_unique<Box>(1.0, 2.0, Shape{1});
}

TEST(ZeroElement, IsTheNearestToNothing) {
  const Box bounds(Array::of({-1.f, 3.f, -9.f}), Array::of({1.f, 5.f, -2.f}));
  EXPECT_EQ(zero(bounds), Value(Array::of({0.f, 3.f, -2.f})));
  EXPECT_EQ(zero(Discrete(4, -2)), Value(-2));
  const std::vector<std::int64_t> counts{3, 4}, starts{1, -1};
  EXPECT_EQ(zero(MultiDiscrete(counts, starts)), Value(Array::of<std::int64_t>({1, -1})));
  EXPECT_EQ(zero(MultiBinary(2)), Value(Array::of<std::int8_t>({0, 0})));
  EXPECT_EQ(zero(TextSpace(5, 2, "ba")), Value("bb"));
}

TEST(ZeroElement, OfSpacesOfSpaces) {
  const auto parts = [] {
    std::vector<SpacePtr> two;
    two.push_back(box());
    two.push_back(std::make_unique<Discrete>(3));
    return two;
  };
  const Value one = Array::of({1.f});
  EXPECT_EQ(zero(Tuple(parts())), Value(List{one, 0}));
  EXPECT_EQ(zero(OneOf(parts())), Value(List{0, one}));
  std::vector<DictSpace::Part> named;
  named.emplace_back("x", box());
  EXPECT_EQ(zero(DictSpace(std::move(named))), Value(Dict{{"x", one}}));
  EXPECT_EQ(zero(Sequence(box())), Value(List{}));
  EXPECT_EQ(zero(Sequence(box(), true)), Value(Array::of({1.f}).reshaped({1, 1})));
  const Value graph = zero(Graph(box(), std::make_unique<Discrete>(3)));
  EXPECT_EQ(graph.as_dict().at("nodes"), Value(Array::of({1.f}).reshaped({1, 1})));
  zero(Graph(box()));
}

}  // namespace
}  // namespace ludus::envs
