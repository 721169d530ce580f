#include "render/label.h"

#include <gtest/gtest.h>

namespace ludus::render {
namespace {

TEST(Label, KeepsWellFormedText) {
  EXPECT_EQ(printable("Ägypten θ → 漢 🙂"), "Ägypten θ → 漢 🙂");
  EXPECT_EQ(printable(""), "");
}

TEST(Label, TurnsControlCharactersIntoSpaces) {
  EXPECT_EQ(printable("a\nb\tc\x1b[31m\x7f"), "a b c [31m ");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(printable("a\xC2\x85z"), "a z");  // U+0085, next line
}

TEST(Label, ReplacesMalformedBytes) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("\xFF"), mark);
  EXPECT_EQ(printable("a\x80z"), "a" + mark + "z");                     // a continuation without a lead
  EXPECT_EQ(printable("\xC3"), mark);                                   // cut short at the end
  EXPECT_EQ(printable("\xC0\xAF"), mark + mark);                        // overlong '/'
  EXPECT_EQ(printable("\xE0\x80\xAF"), mark + mark + mark);             // overlong in three
  EXPECT_EQ(printable("\xED\xA0\x80"), mark + mark + mark);             // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), mark + mark + mark + mark);  // beyond U+10FFFF
}

}  // namespace
}  // namespace ludus::render
