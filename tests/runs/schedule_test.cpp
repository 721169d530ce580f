#include "runs/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/fields.h"

namespace ludus::runs {
namespace {

TEST(Schedule, ByHand) {
  // a number is the same at all times
  const Schedule constant = 0.1;
  for (const double remaining : {1.0, 0.5, 0.0}) EXPECT_EQ(constant.at(remaining), 0.1);

  // RL Baselines3 Zoo's: 0.001 at first, half of it half-way, 0 at the end
  const Schedule zoo = "lin_0.001";
  EXPECT_NEAR(zoo.at(1), 0.001, 1e-18);
  EXPECT_NEAR(zoo.at(0.5), 0.0005, 1e-18);
  EXPECT_EQ(zoo.at(0), 0);

  // a quarter done of the half in which it changes: 1 - 0.5 · 0.8 = 0.6
  const Schedule half = "lin_1_0.2_0.5";
  EXPECT_EQ(half.at(1), 1);
  EXPECT_NEAR(half.at(0.75), 0.6, 1e-15);
  EXPECT_NEAR(half.at(0.5), 0.2, 1e-15);
  EXPECT_NEAR(half.at(0.1), 0.2, 1e-15);

  // a quarter done: 0.1 · (1 + cos 45°) / 2; half-way the mean of both ends
  const Schedule cosine = "cos_0.1";
  EXPECT_NEAR(cosine.at(0.75), 0.05 * (1 + std::sqrt(0.5)), 1e-15);
  EXPECT_NEAR(Schedule("cos_0.3_0.1").at(0.5), 0.2, 1e-15);
  EXPECT_NEAR(cosine.at(0), 0, 1e-15);

  // half-way the geometric mean: √(1 · 0.01) = 0.1
  const Schedule exponential = "exp_1_0.01";
  EXPECT_NEAR(exponential.at(0.5), 0.1, 1e-15);
  EXPECT_NEAR(exponential.at(0), 0.01, 1e-15);

  // clamped to [0, 1]
  EXPECT_EQ(half.at(1.5), 1);
  EXPECT_NEAR(half.at(-3), 0.2, 1e-15);
}

TEST(Schedule, IsAFieldAndReadsBackWhatItShows) {
  for (const Value& value : {Value(0.25), Value("lin_0.001_0"), Value("cos_0.3_0.1_0.5"), Value("exp_1e-05_0.5")}) {
    Schedule field;
    read_field(value, field);
    EXPECT_TRUE(show_field(field) == value) << field.to_string();
    Schedule again;
    read_field(show_field(field), again);
    EXPECT_EQ(again, field);
  }
  Schedule field;
  read_field(Value(1), field);
  EXPECT_EQ(field.at(0.3), 1);
  read_field(Value("0.5"), field);
  EXPECT_EQ(field, Schedule(0.5));
  EXPECT_THROW(read_field(Value(true), field), InputError);
}

TEST(Schedule, RejectsOtherTexts) {
  for (const char* text : {"", "lin_", "lin_a", "lin_1_2_3_4", "lin_1_0_0", "lin_1_0_1.5", "0.1_0.2", "exp_1",
                           "exp_1_0", "exp_-1_1", "cos", "lin_1_", "nan", "inf", "lin_0.1x", "LIN_1"}) {
    EXPECT_THROW(Schedule{std::string_view(text)}, InvalidArgument) << text;
  }
  EXPECT_THROW(Schedule(std::numeric_limits<double>::infinity()), InvalidArgument);
}

TEST(Schedule, IsWithinARangeIfAllItsValuesAre) {
  EXPECT_TRUE(is_within(between(0, 1), Schedule("lin_1_0")));
  EXPECT_FALSE(is_within(between(0, 1), Schedule("lin_0_1.5")));
  EXPECT_FALSE(is_within(between(0, 1), Schedule(-0.1)));
  EXPECT_FALSE(is_within(above(0), Schedule("lin_1_0")));
}

TEST(Schedule, ALearningRateMayStartOrEndAtZeroButNotStayThere) {
  for (const char* text : {"0.1", "2", "lin_0.1", "lin_0_0.1", "cos_0.1_0.01"}) {
    EXPECT_TRUE(is_within(learning_rate_range(), Schedule(text))) << text;
  }
  for (const char* text : {"0", "-0.1", "lin_0_0", "lin_0.1_-0.1", "lin_-0.1_0.1"}) {
    EXPECT_FALSE(is_within(learning_rate_range(), Schedule(text))) << text;
  }
  EXPECT_EQ(learning_rate_range().text(), "above 0 (a schedule may start or end at 0)");
}

TEST(Schedule, ProgressIsTheRemainingFraction) {
  EXPECT_EQ(progress_remaining(0, 100), 1);
  EXPECT_EQ(progress_remaining(25, 100), 0.75);
  EXPECT_EQ(progress_remaining(100, 100), 0);
  EXPECT_EQ(progress_remaining(5, 0), 0);
}

}  // namespace
}  // namespace ludus::runs
