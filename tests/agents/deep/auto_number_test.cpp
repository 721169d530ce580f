#include "agents/deep/auto_number.h"

#include <gtest/gtest.h>

#include <limits>

namespace ludus::agents {
namespace {

AutoNumber read(const Value& value) {
  AutoNumber number;
  read_field(value, number);
  return number;
}

TEST(AutoNumber, IsReadAndShown) {
  for (const Value& value : {Value("auto"), Value("auto_0.1"), Value(0.25), Value(-3.0), Value("lin_0.1_0.01")}) {
    EXPECT_EQ(show_field(read(value)), value);
  }
  EXPECT_EQ(read("auto"), (AutoNumber{.automatic = true, .number = {}}));
  EXPECT_EQ(read("auto_0.1"), (AutoNumber{.automatic = true, .number = 0.1}));
  EXPECT_EQ(read("0.1"), (AutoNumber{.automatic = false, .number = 0.1}));
  EXPECT_EQ(read(2), (AutoNumber{.automatic = false, .number = 2.0}));
  EXPECT_EQ(read("cos_2_1"), (AutoNumber{.automatic = false, .number = "cos_2_1"}));
}

TEST(AutoNumber, OtherWordsAreRefused) {
  for (const char* text :
       {"", "automatic", "auto_", "auto_x", "0.1x", "auto0.1", "inf", "auto_nan", "_0.1", "auto_lin_1", "lin_"}) {
    EXPECT_THROW(read(text), InvalidArgument) << text;
  }
  EXPECT_THROW(read(std::numeric_limits<double>::infinity()), InvalidArgument);
  EXPECT_THROW(read(true), InvalidArgument);
}

}  // namespace
}  // namespace ludus::agents
