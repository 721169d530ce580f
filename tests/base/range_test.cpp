#include "base/range.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ludus {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

TEST(Range, ContainsItsClosedBoundsAndNotItsOpenOnes) {
  EXPECT_TRUE(at_least(1).contains(1.0));
  EXPECT_FALSE(at_least(1).contains(std::nextafter(1.0, 0.0)));
  EXPECT_FALSE(above(0).contains(0.0));
  EXPECT_TRUE(above(0).contains(5e-324));
  EXPECT_TRUE(between(0, 1).contains(0.0));
  EXPECT_TRUE(between(0, 1).contains(1.0));
  EXPECT_FALSE(between(0, 1).contains(std::nextafter(1.0, 2.0)));
  EXPECT_TRUE(at_least(0).below(1).contains(0.0));
  EXPECT_FALSE(at_least(0).below(1).contains(1.0));
  EXPECT_FALSE(above(0).at_most(1).contains(0.0));
  EXPECT_TRUE(above(0).at_most(1).contains(1.0));
}

TEST(Range, NeverContainsNanAndInfinitiesOnlyWhereItSaysSo) {
  for (const Range& range : {at_least(0), above(-1), between(0, 1), finite_number(), finite_number().or_infinity(),
                             at_least(1).or_value(-1), one_of("a")}) {
    EXPECT_FALSE(range.contains(kNan)) << range.text();
  }
  EXPECT_FALSE(above(0).contains(kInfinity));
  EXPECT_TRUE(above(0).or_infinity().contains(kInfinity));
  EXPECT_FALSE(above(0).or_infinity().contains(-kInfinity));
  EXPECT_FALSE(finite_number().contains(-kInfinity));
  EXPECT_TRUE(finite_number().contains(-1e300));
  EXPECT_TRUE(finite_number().or_infinity().contains(-kInfinity));
}

TEST(Range, MayHaveOneMoreValue) {
  const Range range = at_least(1).or_value(-1);
  EXPECT_TRUE(range.contains(-1.0));
  EXPECT_TRUE(range.contains(1.0));
  EXPECT_FALSE(range.contains(0.0));
  EXPECT_FALSE(range.contains(-2.0));
}

TEST(Range, OfNames) {
  const Range range = one_of("huber", "squared");
  EXPECT_TRUE(range.contains(std::string_view("huber")));
  EXPECT_FALSE(range.contains(std::string_view("hube")));
  EXPECT_FALSE(range.contains(0.0));
  constexpr std::array<std::string_view, 3> kNames{"a", "b", "c"};
  EXPECT_EQ(one_of(kNames).text(), "\"a\", \"b\" or \"c\"");
}

TEST(Range, WithoutBoundsContainsEverything) {
  EXPECT_TRUE(Range().is_anything());
  EXPECT_TRUE(Range().contains(kNan));
  EXPECT_TRUE(Range().contains(std::string_view("x")));
  EXPECT_EQ(Range().text(), "");
}

TEST(Range, SaysWhatItContains) {
  EXPECT_EQ(at_least(1).text(), "at least 1");
  EXPECT_EQ(above(0).text(), "above 0");
  EXPECT_EQ(between(0, 1).text(), "between 0 and 1");
  EXPECT_EQ(between(-1.5, 2).text(), "between -1.5 and 2");
  EXPECT_EQ(at_least(0).below(1).text(), "at least 0 and below 1");
  EXPECT_EQ(above(0).at_most(1).text(), "above 0 and at most 1");
  EXPECT_EQ(above(-12).below(0).text(), "above -12 and below 0");
  EXPECT_EQ(Range().below(3).text(), "below 3");
  EXPECT_EQ(at_least(1).or_value(-1).text(), "at least 1, or -1");
  EXPECT_EQ(above(0).or_infinity().text(), "above 0, or infinite");
  EXPECT_EQ(finite_number().text(), "a finite number");
  EXPECT_EQ(finite_number().or_infinity().text(), "a number");
  EXPECT_EQ(one_of("huber", "squared").text(), "\"huber\" or \"squared\"");
  EXPECT_EQ(one_of("a").text(), "\"a\"");
}

TEST(Range, OfALearningRateIsZeroOnlyAtAnEndOfASchedule) {
  const Range range = learning_rate_range();
  EXPECT_FALSE(range.contains(0.0));
  EXPECT_TRUE(range.contains(2.0));
  EXPECT_TRUE(range.contains_schedule(0.1, 0));
  EXPECT_TRUE(range.contains_schedule(0, 0.1));
  EXPECT_FALSE(range.contains_schedule(0, 0));
  EXPECT_FALSE(range.contains_schedule(0.1, -0.1));
  EXPECT_FALSE(above(0).contains_schedule(0.1, 0));
}

}  // namespace
}  // namespace ludus
