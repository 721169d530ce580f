#include "envs/box2d/pixel_canvas.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace ludus::envs {
namespace {

constexpr Color kBlack{0, 0, 0, 255}, kWhite{255, 255, 255, 255}, kRed{200, 0, 0, 255};

// One unit is one pixel.
struct Canvas {
  std::unique_ptr<PixelCanvas> canvas = std::make_unique<PixelCanvas>(96, 96, kBlack);
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(PixelCanvas::kBytes);

  void fill(std::vector<Point> points, Color color) { canvas->fill(points, color); }
  void read() { canvas->read(bytes); }
  // column from the left, row from the bottom
  std::vector<int> at(int x, int y) const {
    const auto i = static_cast<std::size_t>(((95 - y) * 96 + x) * 3);
    return {bytes[i], bytes[i + 1], bytes[i + 2]};
  }
};

TEST(PixelCanvas, WholeAndHalfPixels) {
  Canvas c;
  c.fill({{10, 20}, {12.5, 20}, {12.5, 21.25}, {10, 21.25}}, kRed);
  c.read();
  EXPECT_EQ(c.at(10, 20), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(11, 20), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(12, 20), (std::vector<int>{100, 0, 0}));  // half covered
  EXPECT_EQ(c.at(10, 21), (std::vector<int>{50, 0, 0}));   // a quarter
  EXPECT_EQ(c.at(12, 21), (std::vector<int>{25, 0, 0}));   // an eighth
  EXPECT_EQ(c.at(13, 20), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(c.at(9, 20), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(c.at(10, 19), (std::vector<int>{0, 0, 0}));
}

TEST(PixelCanvas, NeighboursHaveNoGapAndLaterOnesAreOnTop) {
  Canvas c;
  c.fill({{0, 0}, {96, 0}, {96, 96}, {0, 96}}, kWhite);
  // two triangles of a square share their diagonal
  c.fill({{10, 10}, {30, 10}, {30, 30}}, kRed);
  c.fill({{10, 10}, {30, 30}, {10, 30}}, kRed);
  c.read();
  for (int i = 10; i < 30; ++i) EXPECT_EQ(c.at(i, i), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(30, 10), (std::vector<int>{255, 255, 255}));
}

TEST(PixelCanvas, TriangleAreaIsItsSumOfPixels) {
  // (3, 4), (60, 9), (20, 80): area = |57 · 76 − 5 · 17| / 2 = 2123.5 pixels
  Canvas c;
  c.fill({{3, 4}, {60, 9}, {20, 80}}, {255, 0, 0, 255});
  c.read();
  double area = 0;
  for (std::size_t i = 0; i < c.bytes.size(); i += 3) area += c.bytes[i] / 255.0;
  EXPECT_NEAR(area, 2123.5, 2);
}

TEST(PixelCanvas, CrossedPolygonsAreFilledByTheEvenOddRule) {
  // a bow tie: two triangles that meet in the middle
  Canvas c;
  c.fill({{10, 10}, {50, 50}, {50, 10}, {10, 50}}, kRed);
  c.read();
  EXPECT_EQ(c.at(12, 30), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(47, 30), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(30, 15), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(c.at(30, 45), (std::vector<int>{0, 0, 0}));
}

TEST(PixelCanvas, PolygonsAreClippedAtTheEdges) {
  Canvas c;
  c.fill({{-1e9, -1e9}, {1e9, -1e9}, {1e9, 48}, {-1e9, 48}}, kRed);
  c.fill({{-50, 200}, {-10, 200}, {-10, 300}}, kWhite);
  c.fill({{1, 1}, {2, 2}}, kWhite);
  c.fill({}, kWhite);
  c.read();
  EXPECT_EQ(c.at(0, 0), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(95, 47), (std::vector<int>{200, 0, 0}));
  EXPECT_EQ(c.at(95, 48), (std::vector<int>{0, 0, 0}));
}

TEST(PixelCanvas, DrawsReadableDigits) {
  // at a height of 7 one dot is one pixel; "-7" is 11 dots wide
  Canvas c;
  c.canvas->write("-7", {20.5, 20.5}, 7, kWhite);
  c.read();
  std::string image;
  for (int y = 23; y >= 17; --y) {
    for (int x = 15; x < 26; ++x) image += c.at(x, y)[0] == 255 ? '#' : '.';
    image += '\n';
  }
  EXPECT_EQ(image,
            "......#####\n"
            "..........#\n"
            ".........#.\n"
            ".###....#..\n"
            "........#..\n"
            ".......#...\n"
            ".......#...\n");
}

}  // namespace
}  // namespace ludus::envs
