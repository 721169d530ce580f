#include "render/plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/file.h"
#include "render/png.h"
#include "render/program.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

// Pixels of nearly that colour.
int count(const Image& image, envs::Color color) {
  int found = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const envs::Color c = image.at(x, y);
      found +=
          std::abs(c.red - color.red) < 6 && std::abs(c.green - color.green) < 6 && std::abs(c.blue - color.blue) < 6;
    }
  }
  return found;
}

constexpr envs::Color kFirst{0x00, 0x72, 0xB2, 255}, kSecond{0xD5, 0x5E, 0x00, 255};

Curve rising(std::string label) {
  Curve curve{std::move(label), {}, {}, {}, {}};
  for (int i = 0; i <= 50; ++i) {
    curve.x.push_back(1000.0 * i);
    curve.y.push_back(2.0 * i);
    curve.low.push_back(2.0 * i - 10);
    curve.high.push_back(2.0 * i + 10);
  }
  return curve;
}

TEST(PlotCurves, DrawsLineBandAndLegend) {
  const Folder folder;
  Curve falling = rising("second");
  std::ranges::reverse(falling.y);
  falling.low.clear();
  falling.high.clear();
  plot_curves(folder / "a.png", std::vector{rising("first"), falling}, "title", "steps", "return");
  const Image image = read_png(folder / "a.png");
  EXPECT_EQ(image.width, 1440);
  EXPECT_EQ(image.height, 900);
  EXPECT_EQ(image.at(2, 2), (envs::Color{255, 255, 255, 255}));
  EXPECT_GT(count(image, kFirst), 2000);
  EXPECT_GT(count(image, kSecond), 2000);
  const envs::Color band{static_cast<std::uint8_t>(255 - 0.18 * 255),
                         static_cast<std::uint8_t>(255 - 0.18 * (255 - 0x72)),
                         static_cast<std::uint8_t>(255 - 0.18 * (255 - 0xB2)), 255};
  EXPECT_GT(count(image, band), 10000);

  // without a band there is none
  plot_curves(folder / "b.png", std::vector{falling}, "title", "steps", "return");
  EXPECT_LT(count(read_png(folder / "b.png"), band), 200);
}

TEST(PlotCurves, WritesEachFormat) {
  const Folder folder;
  const std::vector curves = {rising("first")};
  plot_curves(folder / "a.svg", curves, "title", "steps", "return");
  plot_curves(folder / "a.pdf", curves, "title", "steps", "return");
  EXPECT_NE(read_text(folder / "a.svg").find("<svg"), std::string::npos);
  EXPECT_TRUE(read_text(folder / "a.pdf").starts_with("%PDF"));
}

// Labels in every place where gnuplot or a shell could read a command: they come out as they went in.
TEST(PlotCurves, LabelsAreNotInterpreted) {
  const Folder folder;
  const std::string target = (folder / "owned").string();
  const std::string attack = "it's `touch " + target + "` {/Bold x}_3";
  const std::vector curves = {rising("a'\nsystem 'touch " + target + "'\n#"), rising("@x %d \\n \"q\" $curve0"),
                              rising(attack)};
  plot_curves(folder / "a.svg", curves, attack, "x'; set output '" + target + "' #", "END\n!touch " + target);
  EXPECT_FALSE(std::filesystem::exists(target));
  const std::string svg = read_text(folder / "a.svg");
  EXPECT_NE(svg.find("@x %d \\n \"q\" $curve0"), std::string::npos);
  EXPECT_NE(svg.find("{/Bold x}_3"), std::string::npos);
}

TEST(PlotCurves, FileNamesAreNotInterpreted) {
  const Folder folder;
  for (const char* name : {"it's; a `name`.svg", "-x.svg", "|cat.svg"}) {
    plot_curves(folder / name, std::vector{rising("a")}, "", "", "");
    EXPECT_TRUE(std::filesystem::is_regular_file(folder / name)) << name;
  }
}

TEST(PlotCurves, GapsSinglePointsAndLevelLinesAreDrawn) {
  const Folder folder;
  const double nan = std::nan("");
  Curve gap = rising("gap");
  gap.y[20] = gap.low[20] = nan;
  gap.high[30] = std::numeric_limits<double>::infinity();
  const Curve point{"point", {5000}, {50}, {}, {}}, level{"level", {0, 5000}, {3, 3}, {}, {}};
  const Curve empty{"empty", {}, {}, {}, {}};
  plot_curves(folder / "a.png", std::vector{gap, empty, point}, "", "x", "y");
  EXPECT_GT(count(read_png(folder / "a.png"), kFirst), 2000);
  plot_curves(folder / "b.png", std::vector{point}, "", "x", "y");
  EXPECT_GT(count(read_png(folder / "b.png"), kFirst), 50);
  plot_curves(folder / "c.png", std::vector{level}, "", "x", "y");
  EXPECT_GT(count(read_png(folder / "c.png"), kFirst), 2000);
}

TEST(PlotCurves, MoreCurvesThanColours) {
  const Folder folder;
  std::vector<Curve> curves;
  for (int i = 0; i < 20; ++i) {
    curves.push_back(rising("run " + std::to_string(i)));
    for (double& y : curves.back().y) y += 10 * i;
  }
  plot_curves(folder / "a.svg", curves, "", "x", "y");
  EXPECT_NE(read_text(folder / "a.svg").find("run 19"), std::string::npos);
}

// Ticks in thousands, without a thousand for nothing.
TEST(PlotCurves, TicksAreShortAndFew) {
  const Folder folder;
  plot_curves(folder / "a.svg", std::vector{rising("a")}, "", "x", "y");
  const std::string svg = read_text(folder / "a.svg");
  for (const char* tick : {">0<", ">10k<", ">20k<", ">50k<"}) EXPECT_NE(svg.find(tick), std::string::npos) << tick;
  for (const char* tick : {">-0<", ">0k<", ">5k<", ">10000<"}) EXPECT_EQ(svg.find(tick), std::string::npos) << tick;
}

TEST(PlotCurves, RejectsDataThatCannotBeDrawn) {
  const Folder folder;
  const auto plot = [&](std::vector<Curve> curves) { plot_curves(folder / "a.png", curves, "", "", ""); };
  EXPECT_THROW(plot({}), InvalidArgument);
  EXPECT_THROW(plot({{"a", {1, 2}, {1}, {}, {}}}), InvalidArgument);
  EXPECT_THROW(plot({{"a", {1, 2}, {1, 2}, {1, 2}, {}}}), InvalidArgument);
  EXPECT_THROW(plot({{"a", {1}, {std::nan("")}, {}, {}}}), InvalidArgument);
  EXPECT_THROW(plot_curves(folder / "a.bmp", std::vector{rising("a")}, "", "", ""), InvalidArgument);
  EXPECT_THROW(plot_curves(folder / "none/a.png", std::vector{rising("a")}, "", "", ""), FileError);
}

TEST(PlotComparison, DrawsABarForEachPolicyInOrder) {
  const Folder folder;
  const std::vector<Interval> policies = {{"random", 20, 10, 40}, {"dqn", 150, 100, 200}};
  plot_comparison(folder / "a.png", policies, "title", "IQM");
  const Image image = read_png(folder / "a.png");

  // the mark of the first policy lies left of and above the second's
  double x[2] = {}, y[2] = {};
  int n[2] = {};
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      const envs::Color c = image.at(column, row);
      const int which = c == kFirst ? 0 : c == kSecond ? 1 : -1;
      if (which < 0) continue;
      x[which] += column;
      y[which] += row;
      ++n[which];
    }
  }
  ASSERT_GT(n[0], 50);
  ASSERT_GT(n[1], 50);
  EXPECT_LT(x[0] / n[0] + 200, x[1] / n[1]);
  EXPECT_LT(y[0] / n[0] + 30, y[1] / n[1]);
}

TEST(PlotComparison, WritesNamesAndValuesInEachFormat) {
  const Folder folder;
  const std::vector<Interval> policies = {
      {"it's `date`", 20.25, 20.25, 20.25}, {std::string(100, 'n'), -3, -4, -2}, {"50%_dropout %s %d", 7, 6, 8}};
  for (const char* name : {"a.png", "a.pdf", "a.svg"}) plot_comparison(folder / name, policies, "title", "IQM");
  const std::string svg = read_text(folder / "a.svg");
  EXPECT_NE(svg.find("it's `date`"), std::string::npos);
  EXPECT_NE(svg.find(">20.25<"), std::string::npos);
  EXPECT_NE(svg.find("50%_dropout %s %d"), std::string::npos);
  EXPECT_NE(svg.find(">-3<"), std::string::npos);
  EXPECT_EQ(svg.find(std::string(40, 'n')), std::string::npos);  // shortened in the middle
  EXPECT_NE(svg.find("nnn…nnn"), std::string::npos);
  plot_comparison(folder / "one.png", std::vector<Interval>{{"same", 200, 200, 200}}, "", "");
  EXPECT_GT(count(read_png(folder / "one.png"), kFirst), 50);
}

TEST(PlotComparison, RejectsInvalidIntervals) {
  const Folder folder;
  const auto plot = [&](std::vector<Interval> policies) { plot_comparison(folder / "a.png", policies, "", ""); };
  EXPECT_THROW(plot({}), InvalidArgument);
  EXPECT_THROW(plot({{"a", std::nan(""), 0, 1}}), InvalidArgument);
  EXPECT_THROW(plot({{"a", 1, 2, 1}}), InvalidArgument);
}

TEST(Plot, ReportsAMissingOrBrokenGnuplot) {
  const Folder folder, programs;
  const Variable path("PATH", programs.path().c_str());
  EXPECT_THROW(plot_curves(folder / "a.png", std::vector{rising("a")}, "", "", ""), ProgramMissing);
  programs.add_program("gnuplot", "echo 'cannot open display font' >&2; exit 1");
  try {
    plot_curves(folder / "a.png", std::vector{rising("a")}, "", "", "");
    FAIL();
  } catch (const WorkError& error) {
    EXPECT_NE(std::string(error.what()).find("cannot open display font"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.png"));
}

}  // namespace
}  // namespace ludus::render
