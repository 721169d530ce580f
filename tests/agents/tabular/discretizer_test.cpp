#include "agents/tabular/discretizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "agents/core/policy.h"

namespace ludus::agents {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::int64_t> bins_of(const Discretizer& discretizer, const std::vector<float>& observation) {
  std::vector<std::int64_t> bins(discretizer.dimensions());
  discretizer.bins_of(observation, bins);
  return bins;
}

TEST(Discretizer, CutsEveryDimensionIntoEqualBins) {
  const Discretizer grid({4, 1, 3}, {-1, 0, 0}, {1, 1, 30});
  EXPECT_EQ(grid.states(), 12u);
  using Bins = std::vector<std::int64_t>;
  EXPECT_EQ(bins_of(grid, {-0.75f, 0.5f, 5}), (Bins{0, 0, 0}));
  EXPECT_EQ(bins_of(grid, {-0.5f, 0.5f, 10}), (Bins{1, 0, 1}));  // a boundary belongs to the bin above it
  EXPECT_EQ(bins_of(grid, {0.25f, -7, 29}), (Bins{2, 0, 2}));    // one bin ignores the dimension
  EXPECT_EQ(bins_of(grid, {1, 1, 30}), (Bins{3, 0, 2}));         // the upper bound to the last
  // row-major: (2, 0, 1) is 2·3 + 1
  EXPECT_EQ(grid.state_of(std::vector<float>{0.25f, 0, 15}), 7u);
}

TEST(Discretizer, WhatLiesOutsideBelongsToTheEdges) {
  const Discretizer grid({5}, {-1}, {1});
  const auto state = [&](double value) { return grid.state_of(std::vector<float>{static_cast<float>(value)}); };
  EXPECT_EQ(state(-1e30), 0u);
  EXPECT_EQ(state(1e30), 4u);
  EXPECT_EQ(state(-kInfinity), 0u);
  EXPECT_EQ(state(kInfinity), 4u);
  EXPECT_EQ(state(std::nextafter(1.0f, 0.0f)), 4u);
  EXPECT_THROW(state(std::nan("")), NotANumber);
}

TEST(Discretizer, RefusesGridsThatAreNone) {
  EXPECT_THROW(Discretizer({0}, {-1}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({-3}, {-1}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {1}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {2}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3, 3}, {0}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {0, 0}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {0}, {1, 1}), InvalidArgument);
  EXPECT_THROW(Discretizer({}, {}, {}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {-kInfinity}, {1}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {0}, {kInfinity}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {0}, {std::nan("")}), InvalidArgument);
  EXPECT_THROW(Discretizer({3}, {-1.7e308}, {1.7e308}), InvalidArgument);  // the width overflows
  EXPECT_THROW(Discretizer({1 << 20, 1 << 20, 1 << 30}, {0, 0, 0}, {1, 1, 1}), InvalidArgument);
}

TEST(Discretizer, TakesBoundsFromABoxAndOneNumberOfBinsForAll) {
  const envs::Box bounded(Array::of<float>({-1, 2}), Array::of<float>({1, 4}));
  const Discretizer all = Discretizer::of(bounded, {10}, {}, {}, "test");
  EXPECT_EQ(all.bins(), (std::vector<std::int64_t>{10, 10}));
  EXPECT_EQ(all.low(), (std::vector<double>{-1, 2}));
  EXPECT_EQ(all.high(), (std::vector<double>{1, 4}));

  const Discretizer given = Discretizer::of(bounded, {2, 3}, {-0.5, 2.5}, {0.5, 3.5}, "test");
  EXPECT_EQ(given.states(), 6u);
  EXPECT_EQ(given.low(), (std::vector<double>{-0.5, 2.5}));

  EXPECT_THROW(Discretizer::of(bounded, {2, 3, 4}, {}, {}, "test"), InvalidArgument);
  EXPECT_THROW(Discretizer::of(bounded, {2}, {0}, {}, "test"), InvalidArgument);
  const envs::Box unbounded(-kInfinity, kInfinity, Shape{1});
  EXPECT_THROW(Discretizer::of(unbounded, {2}, {}, {}, "test"), InvalidArgument);
  EXPECT_NO_THROW(Discretizer::of(unbounded, {2}, {-1}, {1}, "test"));
}

TEST(Discretizer, EveryElementOfADiscreteSpaceIsAState) {
  const envs::Discrete space(500, -3);
  const Discretizer states = Discretizer::of(space, {10}, {}, {}, "test");
  EXPECT_EQ(states.states(), 500u);
  for (std::int64_t k = 0; k < 500; ++k) {
    EXPECT_EQ(states.state_of(std::vector<float>{static_cast<float>(k - 3)}), static_cast<std::size_t>(k));
  }
  EXPECT_THROW(Discretizer::of(space, {10, 10}, {}, {}, "test"), InvalidArgument);
  EXPECT_THROW(Discretizer::of(space, {10}, {0}, {1}, "test"), InvalidArgument);
}

TEST(Discretizer, RefusesOtherSpaces) {
  const auto space = envs::space_from_spec({{"type", "MultiBinary"}, {"shape", List{3}}, {"n", 3}});
  EXPECT_THROW(Discretizer::of(*space, {10}, {}, {}, "test"), NotApplicable);
}

}  // namespace
}  // namespace ludus::agents
