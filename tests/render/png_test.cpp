#include "render/png.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

Image pattern(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < 3 * width * height; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 7));
  return image;
}

TEST(Png, RoundTrips) {
  const Folder folder;
  for (const auto& [width, height] : {std::pair{1, 1}, {17, 5}, {64, 64}}) {
    write_png(folder / "a.png", pattern(width, height));
    EXPECT_EQ(read_png(folder / "a.png"), pattern(width, height));
  }
}

// The signature and the header of the format (ISO/IEC 15948, 5.2 and 11.2.2), with 8 bits of colour type 2.
TEST(Png, WritesTheFormat) {
  const std::vector<std::byte> bytes = encode_png(pattern(300, 2));
  const unsigned char expected[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I',
                                    'H',  'D', 'R', 0,   0,    1,    44,   0,    0, 0, 2, 8,  2};
  ASSERT_GT(bytes.size(), sizeof expected);
  for (std::size_t i = 0; i < sizeof expected; ++i) EXPECT_EQ(std::to_integer<int>(bytes[i]), expected[i]) << i;
}

TEST(Png, RejectsAnImageWithoutPixels) {
  EXPECT_THROW(encode_png({}), InvalidArgument);
  EXPECT_THROW(encode_png({2, 2, std::vector<std::uint8_t>(11)}), InvalidArgument);
  EXPECT_THROW(encode_png({-2, -2, std::vector<std::uint8_t>(12)}), InvalidArgument);
}

TEST(Png, ErrorsNameTheFile) {
  const Folder folder;
  EXPECT_THROW(read_png(folder / "none.png"), FileError);
  EXPECT_THROW(write_png(folder / "none/a.png", pattern(2, 2)), FileError);
  write_atomically(folder / "text.png", "not an image");
  EXPECT_THROW(read_png(folder / "text.png"), FileError);

  // cut short at every kind of place
  const std::vector<std::byte> bytes = encode_png(pattern(9, 9));
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{20}, bytes.size() / 2}) {
    write_atomically(folder / "cut.png", std::span(bytes).first(length));
    EXPECT_THROW(read_png(folder / "cut.png"), FileError) << length;
  }
}

}  // namespace
}  // namespace ludus::render
