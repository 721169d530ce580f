#include "envs/spaces/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

TEST(Text, ContainsWordsOfItsCharactersAndLengths) {
  const TextSpace space(3, 1, "abc");
  EXPECT_TRUE(space.contains("cab"));
  EXPECT_FALSE(space.contains(""));
  EXPECT_FALSE(space.contains("abca"));
  EXPECT_FALSE(space.contains("abd"));
  EXPECT_TRUE(TextSpace(3, 0, "abc").contains(""));
}

TEST(Text, CountsCodePointsNotBytes) {
  const TextSpace space(2, 2, "\u03c0\u03b5\u20ac");  // π, ε, €
  EXPECT_EQ(space.characters().size(), 3U);
  EXPECT_TRUE(space.contains("\u03c0\u20ac"));
  EXPECT_FALSE(space.contains("\u03c0"));
  EXPECT_FALSE(space.contains("\xcf\xcf"));  // invalid UTF-8
  std::vector<double> flat(2);
  space.flatten("\u20ac\u03c0", flat);
  EXPECT_EQ(flat, (std::vector<double>{2, 0}));
}

TEST(Text, DrawsItsLengthAndThenEachCharacterByOneNumber) {
  // by hand: integers(1, 5) for the length, then one random() per character, which selects the first index with a
  // cumulative probability above it
  TextSpace space(4, 1, "wxyz");
  space.seed(9);
  Generator random(9);
  for (int k = 0; k < 20; ++k) {
    std::string expected;
    const std::int64_t length = random.integers(1, 5);
    for (std::int64_t i = 0; i < length; ++i) expected += "wxyz"[static_cast<int>(random.random() * 4)];
    EXPECT_EQ(space.sample(), Value(expected));
  }
}

TEST(Text, RestrictsLengthAndCharacters) {
  TextSpace space(5, 0, "abc");
  space.seed(0);
  const Value only_b = Array::of<std::int8_t>({0, 1, 0});
  EXPECT_EQ(space.sample_masked(List{3, only_b}), Value("bbb"));
  EXPECT_EQ(space.sample_masked(List{Value(), Array::of<std::int8_t>({0, 0, 0})}), Value(""));
  EXPECT_EQ(space.sample_weighted(List{2, Array::of({0.0, 0.0, 1.0})}), Value("cc"));
  EXPECT_EQ(space.sample_masked(List{4, Value()}).as_string().size(), 4U);
  EXPECT_THROW(space.sample_masked(List{6, only_b}), InvalidArgument);
  EXPECT_THROW(space.sample_masked(only_b), InvalidArgument);
  EXPECT_THROW(space.sample_masked(List{1, Array::of<std::int8_t>({0, 1})}), InvalidArgument);
  EXPECT_THROW(space.sample_weighted(List{1, Array::of({0.5, 0.0, 0.0})}), InvalidArgument);
  EXPECT_THROW(TextSpace(5, 1, "a").sample_masked(List{Value(), Array::of<std::int8_t>({0})}), InvalidArgument);
}

TEST(Text, FlattensToIndicesFilledUpBehindTheEnd) {
  const TextSpace space(4, 1, "abc");
  std::vector<double> flat(4);
  space.flatten("ca", flat);
  EXPECT_EQ(flat, (std::vector<double>{2, 0, 3, 3}));
  EXPECT_EQ(space.unflatten(flat), Value("ca"));
  EXPECT_EQ(space.flattened()->to_string(), "Box(0, 3, (4,), int32)");
  EXPECT_THROW(space.unflatten(std::vector<double>{-1, 0, 0, 0}), InvalidArgument);
}

TEST(Text, RefusesWhatMakesNoSpace) {
  EXPECT_THROW(TextSpace(1, 2), InvalidArgument);
  EXPECT_THROW(TextSpace(1, -1), InvalidArgument);
  EXPECT_THROW(TextSpace(1, 1, ""), InvalidArgument);
  EXPECT_THROW(TextSpace(1, 1, "aba"), InvalidArgument);
}

TEST(Text, PrintsAsInGymnasium) {
  EXPECT_EQ(TextSpace(5).to_string(),
            "Text(1, 5, charset=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz)");
  EXPECT_EQ(TextSpace(10, 1, "cba").to_string(), "Text(1, 10, charset=abc)");
}

}  // namespace
}  // namespace ludus::envs
