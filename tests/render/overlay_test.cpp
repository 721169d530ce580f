#include "render/overlay.h"

#include <gtest/gtest.h>

#include <vector>

#include "render/raster.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

TEST(Overlay, DrawsOnlyIntoItsCorner) {
  const Image before = rasterise(cart_pole(300, 0));
  Image image = before;
  const std::vector<std::string> lines = {"episode 1", "a somewhat longer line"};
  draw_overlay(image, lines);
  ASSERT_EQ(image.width, 600);
  ASSERT_EQ(image.height, 400);

  // the panel: 190/255 of its colour over white
  EXPECT_NEAR(image.at(0, 0).red, 16 * 190 / 255.0 + 255 * 65 / 255.0, 2);
  int bright = 0, changed_outside = 0;
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 600; ++x) {
      const bool corner = x < 250 && y < 60;
      if (corner && image.at(x, y).red > 200 && image.at(x, y) != before.at(x, y)) ++bright;
      if (!corner && image.at(x, y) != before.at(x, y)) ++changed_outside;
    }
  }
  EXPECT_GT(bright, 100);  // letters
  EXPECT_EQ(changed_outside, 0);
}

TEST(Overlay, LinesAreStacked) {
  const auto panel_height = [](std::size_t count) {
    Image image{200, 200, std::vector<std::uint8_t>(200 * 200 * 3, 255)};
    draw_overlay(image, std::vector<std::string>(count, "x"));
    int rows = 0;
    while (rows < 200 && image.at(0, rows).red < 200) ++rows;
    return rows;
  };
  EXPECT_EQ(panel_height(0), 0);
  EXPECT_GT(panel_height(1), 15);
  EXPECT_NEAR(panel_height(3) - panel_height(2), panel_height(2) - panel_height(1), 1);
  EXPECT_GT(panel_height(2), panel_height(1) + 9);
}

TEST(Overlay, IsClippedToASmallImage) {
  Image image{5, 4, std::vector<std::uint8_t>(60, 255)};
  draw_overlay(image, std::vector<std::string>(9, "a long line of text"));
  EXPECT_EQ(image.width, 5);
  EXPECT_EQ(image.height, 4);
  EXPECT_LT(image.at(4, 3).red, 200);
}

}  // namespace
}  // namespace ludus::render
