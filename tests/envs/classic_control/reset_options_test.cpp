#include "envs/classic_control/reset_options.h"

#include <gtest/gtest.h>

#include <limits>

namespace ludus::envs {
namespace {

TEST(ResetOptions, BoundsOverrideTheDefaults) {
  const ResetBounds none = reset_bounds({}, -1, 2);
  EXPECT_EQ(none.low, -1);
  EXPECT_EQ(none.high, 2);
  const ResetBounds low = reset_bounds({{"low", -3}}, -1, 2);
  EXPECT_EQ(low.low, -3);
  EXPECT_EQ(low.high, 2);
  const ResetBounds point = reset_bounds({{"high", 0.5}, {"low", 0.5}}, -1, 2);
  EXPECT_EQ(point.low, point.high);
}

TEST(ResetOptions, RejectsInvalidBounds) {
  EXPECT_THROW(reset_bounds({{"low", 1}, {"high", 0}}, 0, 1), InvalidArgument);
  EXPECT_THROW(reset_bounds({{"low", "left"}}, 0, 1), InvalidArgument);
  EXPECT_THROW(reset_bounds({{"lower", 0}}, 0, 1), InvalidArgument);
  for (const double number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(reset_bounds({{"high", number}}, 0, 1), InvalidArgument);
  }
}

}  // namespace
}  // namespace ludus::envs
