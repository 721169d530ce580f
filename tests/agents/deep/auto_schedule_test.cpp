#include "agents/deep/auto_schedule.h"

#include <gtest/gtest.h>

#include <limits>

namespace ludus::agents {
namespace {

AutoSchedule read(const Value& value) {
  AutoSchedule number;
  read_field(value, number);
  return number;
}

TEST(AutoSchedule, IsReadAndShown) {
  for (const Value& value : {Value("auto"), Value("auto_0.1"), Value(0.25), Value(-3.0), Value("lin_0.1_0.01")}) {
    EXPECT_EQ(show_field(read(value)), value);
  }
  EXPECT_EQ(read("auto"), (AutoSchedule{.automatic = true, .number = {}}));
  EXPECT_EQ(read("auto_0.1"), (AutoSchedule{.automatic = true, .number = 0.1}));
  EXPECT_EQ(read("0.1"), (AutoSchedule{.automatic = false, .number = 0.1}));
  EXPECT_EQ(read(2), (AutoSchedule{.automatic = false, .number = 2.0}));
  EXPECT_EQ(read("cos_2_1"), (AutoSchedule{.automatic = false, .number = "cos_2_1"}));
}

TEST(AutoSchedule, OtherWordsAreRefused) {
  for (const char* text :
       {"", "automatic", "auto_", "auto_x", "0.1x", "auto0.1", "inf", "auto_nan", "_0.1", "auto_lin_1", "lin_"}) {
    EXPECT_THROW(read(text), InvalidArgument) << text;
  }
  EXPECT_THROW(read(std::numeric_limits<double>::infinity()), InvalidArgument);
  EXPECT_THROW(read(true), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
