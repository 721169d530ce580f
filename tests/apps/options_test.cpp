#include "apps/options.h"

#include <gtest/gtest.h>

namespace ludus::apps {
namespace {

TEST(Options, ReadsIntegersInBothForms) {
  EXPECT_EQ(parse_integer("--steps", "50000", 1, kMaxInteger), 50000);
  EXPECT_EQ(parse_integer("--steps", "5e4", 1, kMaxInteger), 50000);
  EXPECT_EQ(parse_integer("--steps", "9223372036854775807", 1, kMaxInteger), kMaxInteger);
  for (const char* text :
       {"", "x", "1.5", "1x", " 1", "0", "-3", "1e19", "9223372036854775808", "nan", "inf", "1e999"}) {
    EXPECT_THROW(parse_integer("--steps", text, 1, kMaxInteger), UsageError) << text;
  }
  EXPECT_THROW(parse_integer("--steps", "11", 1, 10), UsageError);
}

TEST(Options, NumbersAreFinite) {
  EXPECT_EQ(parse_number("--fps", "-1.5e2"), -150);
  for (const char* text : {"", "x", "1,5", "nan", "inf", "1e999"}) {
    EXPECT_THROW(parse_number("--fps", text), UsageError) << text;
  }
}

TEST(Options, SeedsAreARangeOrAList) {
  using Seeds = std::vector<std::uint64_t>;
  EXPECT_EQ(parse_seeds("0..4"), (Seeds{0, 1, 2, 3, 4}));
  EXPECT_EQ(parse_seeds("7..7"), (Seeds{7}));
  EXPECT_EQ(parse_seeds("3,5,1"), (Seeds{3, 5, 1}));
  EXPECT_EQ(parse_seeds("9"), (Seeds{9}));
  EXPECT_EQ(parse_seeds("9223372036854775806..9223372036854775807").size(), 2u);
  for (const char* text : {"", "4..0", "..", "1..", "..2", "1,", ",1", "1,1", "a", "0..1000", "-1..2", "1...3"}) {
    EXPECT_THROW(parse_seeds(text), UsageError) << text;
  }
}

TEST(Options, AWrapperHasANameAndArguments) {
  const auto parsed = [](const char* text) { return parse_wrapper("--wrap", text); };
  EXPECT_EQ(parsed("ClipAction"), (envs::WrapperSpec{"ClipAction", {}}));
  EXPECT_EQ(parsed("ResizeObservation:shape=[84,84]"),
            (envs::WrapperSpec{"ResizeObservation", {{"shape", List{84, 84}}}}));
  EXPECT_EQ(parsed("FrameStackObservation:stack_size=4,padding_type=zero"),
            (envs::WrapperSpec{"FrameStackObservation", {{"stack_size", 4}, {"padding_type", "zero"}}}));
  EXPECT_EQ(parsed("X:a=[[1,2],[3]],b=\"c,d=e\",e={f=1,g=2},h='[',i=0.5"),
            (envs::WrapperSpec{"X",
                               {{"a", List{List{1, 2}, List{3}}},
                                {"b", "c,d=e"},
                                {"e", Dict{{"f", 1}, {"g", 2}}},
                                {"h", "["},
                                {"i", 0.5}}}));
  for (const char* text :
       {"", ":a=1", "ClipReward:", "ClipReward:max_reward", "ClipReward:=1", "X:a=1,", "X:a=1,,b=2"}) {
    EXPECT_THROW(parsed(text), UsageError) << text;
  }
}

}  // namespace
}  // namespace ludus::apps
