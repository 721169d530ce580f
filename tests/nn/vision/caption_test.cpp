#include "nn/vision/caption.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace ludus::vision {
namespace {

Array grey_image(std::int64_t height, std::int64_t width, std::uint8_t value) {
  Array image(DType::kUInt8, Shape{height, width, 1});
  std::fill(image.data<std::uint8_t>().begin(), image.data<std::uint8_t>().end(), value);
  return image;
}

std::uint8_t red_at(const Array& image, std::int64_t y, std::int64_t x) {
  return image.data<std::uint8_t>()[static_cast<std::size_t>(3 * (y * image.shape()[1] + x))];
}

// "L" in a band of 12 rows: a margin of 2, 7 rows of the letter, 3 below. Its left column and its lowest row are set.
TEST(Caption, DrawsLettersOverADarkenedBandAtTheLowerEdge) {
  const Array image = with_caption(grey_image(40, 30, 100), {"L"});
  ASSERT_EQ(image.shape(), (Shape{40, 30, 3}));
  EXPECT_EQ(red_at(image, 27, 0), 100);  // above the band
  EXPECT_EQ(red_at(image, 28, 0), 25);
  EXPECT_EQ(red_at(image, 39, 29), 25);
  for (std::int64_t y = 0; y < 7; ++y) {
    EXPECT_EQ(red_at(image, 30 + y, 2), 255) << y;
    EXPECT_EQ(red_at(image, 30 + y, 5), y == 6 ? 255 : 25) << y;
  }
}

// "p" is two rows lower: its stem covers rows 2 to 8 of the line.
TEST(Caption, TailsHangBelowTheLine) {
  const Array image = with_caption(grey_image(40, 30, 100), {"p"});
  for (std::int64_t y = 0; y < 10; ++y) EXPECT_EQ(red_at(image, 30 + y, 2), y >= 2 && y <= 8 ? 255 : 25) << y;
}

TEST(Caption, LongLinesEndInDotsAndSurplusLinesAreLeftOut) {
  const Array dots = with_caption(grey_image(40, 30, 100), {"LLLLLLLLLL"});  // 4 letters fit
  EXPECT_EQ(dots, with_caption(grey_image(40, 30, 100), {"L..."}));
  const Array lines = with_caption(grey_image(25, 30, 100), {"A", "B", "C"});  // 2 lines fit
  EXPECT_EQ(lines, with_caption(grey_image(25, 30, 100), {"A", "B"}));
  EXPECT_EQ(with_caption(grey_image(5, 5, 100), {"A"}), with_caption(grey_image(5, 5, 100), {}));
}

TEST(Caption, OtherCharactersAreQuestionMarks) {
  EXPECT_EQ(with_caption(grey_image(40, 60, 9), {"gr\xC3\xB6\xC3\x9F\n"}),
            with_caption(grey_image(40, 60, 9), {"gr???"}));
}

TEST(Caption, LettersGrowWithTheImage) {
  const Array image = with_caption(grey_image(336, 400, 100), {"L"});  // 336 / (24 · 7): twice the size
  EXPECT_EQ(red_at(image, 336 - 24 - 1, 0), 100);
  EXPECT_EQ(red_at(image, 336 - 24, 0), 25);
  EXPECT_EQ(red_at(image, 336 - 24 + 4, 4), 255);
  EXPECT_EQ(red_at(image, 336 - 24 + 5, 5), 255);
}

TEST(Caption, TakesFloatImagesAndRefusesOtherArrays) {
  EXPECT_EQ(with_caption(Array(DType::kFloat32, Shape{30, 30, 3}), {}).dtype(), DType::kUInt8);
  EXPECT_THROW(with_caption(Array(DType::kFloat32, Shape{30, 30}), {"A"}), TypeMismatch);
}

}  // namespace
}  // namespace ludus::vision
