#include "envs/toy_text/ansi.h"

#include <gtest/gtest.h>

namespace ludus::envs {
namespace {

TEST(Ansi, MatchesGymnasiumsColorize) {
  EXPECT_EQ(colorized("S", AnsiColor::kRed, AnsiStyle::kHighlight), "\x1b[41mS\x1b[0m");
  EXPECT_EQ(colorized("R", AnsiColor::kBlue, AnsiStyle::kBold), "\x1b[34;1mR\x1b[0m");
  EXPECT_EQ(colorized("Y", AnsiColor::kMagenta), "\x1b[35mY\x1b[0m");
}

}  // namespace
}  // namespace ludus::envs
