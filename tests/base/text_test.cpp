#include "base/text.h"

#include <gtest/gtest.h>

namespace ludus {
namespace {

// Twice the matched characters over the total. The second column is computed by hand and agrees with Python's
// difflib.SequenceMatcher(None, a, b).ratio().
TEST(Similarity, RatcliffAndObershelp) {
  EXPECT_DOUBLE_EQ(similarity("a", "a"), 1.0);
  EXPECT_DOUBLE_EQ(similarity("", ""), 1.0);
  EXPECT_DOUBLE_EQ(similarity("", "x"), 0.0);
  EXPECT_DOUBLE_EQ(similarity("ppo", "sac"), 0.0);
  EXPECT_DOUBLE_EQ(similarity("abcd", "bcde"), 6.0 / 8.0);                           // bcd
  EXPECT_DOUBLE_EQ(similarity("abxcd", "abcd"), 8.0 / 9.0);                          // ab, then cd to its right
  EXPECT_DOUBLE_EQ(similarity("dqn", "qrdqn"), 6.0 / 8.0);                           // dqn
  EXPECT_DOUBLE_EQ(similarity("CartPol", "CartPole"), 14.0 / 15.0);                  // CartPol
  EXPECT_DOUBLE_EQ(similarity("CartPole", "MountainCar"), 6.0 / 19.0);               // Car
  EXPECT_DOUBLE_EQ(similarity("MontainCar", "MountainCarContinuous"), 20.0 / 31.0);  // Mo, ntainCar
}

// Of equally long blocks the first one counts: t of "tide" matches the last letter of "diet" and leaves nothing to its
// right, while d of "diet" is third in "tide" and leaves "iet" to match e.
TEST(Similarity, FirstBlockDecidesTies) {
  EXPECT_DOUBLE_EQ(similarity("tide", "diet"), 2.0 / 8.0);
  EXPECT_DOUBLE_EQ(similarity("diet", "tide"), 4.0 / 8.0);
}

TEST(Closest, TakesTheBestAboveTheCutoff) {
  const std::vector<std::string> names{"MountainCar", "CartPole", "MountainCarContinuous"};
  EXPECT_EQ(closest("CartPol", names), "CartPole");
  EXPECT_EQ(closest("MontainCar", names), "MountainCar");
  EXPECT_EQ(closest("qwerty", names), std::nullopt);
  EXPECT_EQ(closest("CartPole", {}), std::nullopt);
  // abcd and bcde have a similarity of 0.75: the cutoff itself is accepted, anything below is not
  const std::vector<std::string> one{"bcde"};
  EXPECT_EQ(closest("abcd", one, 0.75), "bcde");
  EXPECT_EQ(closest("abcd", one, 0.76), std::nullopt);
}

TEST(DidYouMean, AsksOrKeepsSilent) {
  const std::vector<std::string> names{"Acrobot", "CartPole"};
  EXPECT_EQ(did_you_mean("CartPol", names), " Did you mean `CartPole`?");
  EXPECT_EQ(did_you_mean("zzz", names), "");
}

TEST(Joined, SeparatesWords) {
  const std::vector<std::string> words{"a", "b", "c"};
  EXPECT_EQ(joined(words), "a, b, c");
  EXPECT_EQ(joined(words, " | "), "a | b | c");
  EXPECT_EQ(joined(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(joined({}), "none");
}

TEST(Text, PrintableHasNoEscapeSequences) {
  EXPECT_EQ(printable("plain, tab\t, line\n, Szőke, 机"), "plain, tab\t, line\n, Szőke, 机");
  EXPECT_EQ(printable("\x1b[31mred\x07\r\x7f"), "\\x1b[31mred\\x07\\x0d\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // CSI as one character
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m");                           // and as a byte that is not UTF-8
  EXPECT_EQ(printable("\xe6\x9c"), "\\xe6\\x9c");  // cut off
  EXPECT_EQ(printable("\xc0\xaf\xff"), "\\xc0\\xaf\\xff");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

}  // namespace
}  // namespace ludus
