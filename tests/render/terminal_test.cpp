#include "render/terminal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace ludus::render {
namespace {

const std::string kHalf = "\xE2\x96\x80";

envs::Scene two_by_two() {
  envs::Scene scene;
  scene.high = {2, 2};
  scene.items.push_back(envs::Polygon{{{0, 0}, {2, 0}, {2, 1}, {0, 1}}, {.fill = {1, 2, 3, 255}}});
  scene.items.push_back(envs::Polygon{{{1, 1}, {2, 1}, {2, 2}, {1, 2}}, {.fill = {4, 5, 6, 255}}});
  return scene;
}

// White and grey above, dark below: two cells, and only what changes is said again.
TEST(Terminal, EachCellIsTwoPixels) {
  EXPECT_EQ(to_terminal(two_by_two(), 2, 1),
            "\x1b[38;2;255;255;255m\x1b[48;2;1;2;3m" + kHalf + "\x1b[38;2;4;5;6m" + kHalf + "\x1b[0m\n");
}

// Cells are twice as high as wide: 2 x 2 world units in 20 x 20 cells use 20 columns and 10 lines.
TEST(Terminal, KeepsTheAspectRatio) {
  const auto measure = [](const std::string& text) {
    const auto lines = std::ranges::count(text, '\n');
    std::ptrdiff_t cells = 0;
    for (std::size_t at = text.find(kHalf); at != std::string::npos; at = text.find(kHalf, at + 1)) ++cells;
    return std::pair{cells / lines, lines};
  };
  EXPECT_EQ(measure(to_terminal(two_by_two(), 20, 20)), (std::pair<std::ptrdiff_t, std::ptrdiff_t>{20, 10}));
  EXPECT_EQ(measure(to_terminal(two_by_two(), 80, 5)), (std::pair<std::ptrdiff_t, std::ptrdiff_t>{10, 5}));
  envs::Scene wide;  // 600 x 400
  EXPECT_EQ(measure(to_terminal(wide, 80, 24)), (std::pair<std::ptrdiff_t, std::ptrdiff_t>{72, 24}));
  wide.high = {1e9, 1};
  EXPECT_EQ(measure(to_terminal(wide, 80, 24)), (std::pair<std::ptrdiff_t, std::ptrdiff_t>{80, 1}));
}

TEST(Terminal, TextOfASceneIsPassedThrough) {
  envs::Scene scene = two_by_two();
  scene.text = "S.G\n\x1b[41mF\x1b[0m";
  EXPECT_EQ(to_terminal(scene, 1, 1), scene.text + "\n");
  scene.text += "\n";
  EXPECT_EQ(to_terminal(scene, 80, 24), scene.text);
}

TEST(Terminal, RejectsInvalidSizesAndWorlds) {
  EXPECT_THROW(to_terminal(two_by_two(), 0, 10), InvalidArgument);
  EXPECT_THROW(to_terminal(two_by_two(), 10, -1), InvalidArgument);
  envs::Scene flat;
  flat.high = flat.low;
  EXPECT_THROW(to_terminal(flat, 10, 10), InvalidArgument);
}

}  // namespace
}  // namespace ludus::render
