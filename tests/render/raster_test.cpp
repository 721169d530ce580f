#include "render/raster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

using envs::Align;
using envs::Color;
using envs::Scene;

constexpr Color kWhite{255, 255, 255, 255}, kBlack{0, 0, 0, 255}, kRed{255, 0, 0, 255}, kBlue{0, 0, 255, 255};
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A white world of 10 x 10 units, one pixel each.
Scene ten() {
  Scene scene;
  scene.high = {10, 10};
  scene.width = scene.height = 10;
  return scene;
}

envs::Polygon box(double x0, double y0, double x1, double y1, Color fill) {
  return {{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {.fill = fill}};
}

// Columns and rows of the pixels that are not the background, as [first, last]; first > last if there is none.
struct Ink {
  int left = std::numeric_limits<int>::max(), right = -1, top = std::numeric_limits<int>::max(), bottom = -1;
  explicit Ink(const Image& image, Color background = kWhite) {
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        if (image.at(x, y) == background) continue;
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
    }
  }
};

TEST(Raster, AHalfPlaneFillsExactlyTheLowerHalf) {
  Scene scene = ten();
  scene.items.push_back(box(0, 0, 10, 5, kRed));
  const Image image = rasterise(scene);
  ASSERT_EQ(image.width, 10);
  ASSERT_EQ(image.height, 10);
  ASSERT_EQ(image.rgb.size(), 300u);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) EXPECT_EQ(image.at(x, y), y < 5 ? kWhite : kRed) << x << ", " << y;
  }
}

TEST(Raster, YPointsUpward) {
  Scene scene = ten();
  scene.items.push_back(box(2, 7, 3, 8, kBlue));  // column 2, third row from above
  const Image image = rasterise(scene);
  EXPECT_EQ(image.at(2, 2), kBlue);
  EXPECT_EQ(Ink(image).left, 2);
  EXPECT_EQ(Ink(image).right, 2);
  EXPECT_EQ(Ink(image).top, 2);
  EXPECT_EQ(Ink(image).bottom, 2);
}

TEST(Raster, EdgesAreAntiAliased) {
  Scene scene = ten();
  scene.items.push_back(box(0, 0, 4.5, 10, kBlack));  // covers half of column 4
  const Image image = rasterise(scene);
  EXPECT_EQ(image.at(3, 5), kBlack);
  EXPECT_NEAR(image.at(4, 5).red, 128, 2);
  EXPECT_EQ(image.at(5, 5), kWhite);
}

TEST(Raster, LaterItemsAreOnTopAndAlphaBlends) {
  Scene scene = ten();
  scene.items.push_back(box(0, 0, 10, 10, kBlue));
  scene.items.push_back(box(0, 0, 5, 10, {255, 0, 0, 51}));  // a fifth of red over blue
  const Image image = rasterise(scene);
  EXPECT_NEAR(image.at(2, 2).red, 51, 1);
  EXPECT_NEAR(image.at(2, 2).blue, 204, 1);
  EXPECT_EQ(image.at(7, 2), kBlue);
}

TEST(Raster, ACircleIsRoundAndFilled) {
  Scene scene;
  scene.high = {100, 100};
  scene.width = scene.height = 100;
  scene.items.push_back(envs::Circle{{50, 50}, 20, {.fill = kRed}});
  const Image image = rasterise(scene);
  EXPECT_EQ(image.at(50, 50), kRed);
  EXPECT_EQ(image.at(50, 31), kRed);
  EXPECT_EQ(image.at(50, 28), kWhite);
  EXPECT_EQ(image.at(50 + 15, 50 + 15), kWhite);  // in the square around it, outside the circle
  const Ink ink(image);
  EXPECT_EQ(ink.left, 30);
  EXPECT_EQ(ink.right, 69);
  EXPECT_EQ(ink.top, 30);
  EXPECT_EQ(ink.bottom, 69);

  // ink = area: π 20²
  double covered = 0;
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 100; ++x) covered += (255 - image.at(x, y).green) / 255.0;
  }
  EXPECT_NEAR(covered, 1256.6, 3);
}

TEST(Raster, AnOutlineLiesOverTheEdge) {
  Scene scene = ten();
  envs::Polygon square = box(3, 3, 7, 7, kRed);
  square.paint.outline = kBlue;
  square.paint.outline_width = 2;
  scene.items.push_back(square);
  const Image image = rasterise(scene);
  EXPECT_EQ(image.at(5, 5), kRed);
  EXPECT_EQ(image.at(2, 5), kBlue);
  EXPECT_EQ(image.at(3, 5), kBlue);
  EXPECT_EQ(image.at(1, 5), kWhite);
}

TEST(Raster, ALineOfWidthZeroIsOnePixel) {
  Scene scene = ten();
  scene.items.push_back(envs::Polyline{{{0, 5}, {10, 5}}, kBlack, 0});
  scene.items.push_back(envs::Polyline{{{2, 0}, {2, 10}}, kRed, 0});
  const Image image = rasterise(scene);
  for (int x = 0; x < 10; ++x) {
    EXPECT_EQ(image.at(x, 4), x == 2 ? kRed : kWhite);
    EXPECT_EQ(image.at(x, 5), x == 2 ? kRed : kBlack);
    EXPECT_EQ(image.at(x, 6), x == 2 ? kRed : kWhite);
  }
}

TEST(Raster, ALineHasItsWidthInWorldUnits) {
  Scene scene = ten();
  scene.items.push_back(envs::Polyline{{{1, 5}, {9, 5}}, kBlack, 2});
  const Image image = rasterise(scene, 100, 100);
  const Ink ink(image);
  EXPECT_EQ(ink.top, 40);
  EXPECT_EQ(ink.bottom, 59);
  EXPECT_EQ(ink.left, 10);
  EXPECT_EQ(ink.right, 89);
}

TEST(Raster, AnImageIsStretchedByItsNearestPixels) {
  Scene scene = ten();
  Array pixels(DType::kUInt8, Shape{2, 2, 3});  // red, green above blue, black
  pixels.set(0, 255);
  pixels.set(4, 255);
  pixels.set(8, 255);
  scene.items.push_back(envs::Image{{2, 2}, {8, 8}, pixels});
  const Image image = rasterise(scene);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      const bool inside = x >= 2 && x < 8 && y >= 2 && y < 8;
      const Color expected = !inside ? kWhite
                             : y < 5 ? (x < 5 ? kRed : Color{0, 255, 0, 255})
                                     : (x < 5 ? kBlue : kBlack);
      EXPECT_EQ(image.at(x, y), expected) << x << ", " << y;
    }
  }
}

TEST(Raster, ImageItemOfTheSameSizeIsCopiedExactly) {
  Scene scene;
  scene.high = {17, 13};
  scene.width = 17;
  scene.height = 13;
  Array pixels(DType::kUInt8, Shape{13, 17, 3});
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 37);
  scene.items.push_back(envs::Image{scene.low, scene.high, pixels});
  const Image image = rasterise(scene);
  EXPECT_TRUE(std::ranges::equal(image.rgb, pixels.data<std::uint8_t>()));
}

TEST(Raster, RejectsImagePixelsOfAnotherTypeOrShape) {
  Scene scene = ten();
  scene.items.push_back(envs::Image{{0, 0}, {1, 1}, Array(DType::kFloat32, Shape{2, 2, 3})});
  EXPECT_THROW(rasterise(scene), InvalidArgument);
  scene.items = {envs::Image{{0, 0}, {1, 1}, Array(DType::kUInt8, Shape{2, 2, 4})}};
  EXPECT_THROW(rasterise(scene), InvalidArgument);
}

// "H" stands on its feet, as wide as it says and as high as it is told.
TEST(Raster, TextIsAlignedAtItsPoint) {
  Scene scene;
  scene.high = {200, 100};
  scene.width = 200;
  scene.height = 100;
  const auto draw = [&](Align align) {
    scene.items = {envs::Text{{100, 50}, "HHH", 20, kBlack, align}};
    return Ink(rasterise(scene));
  };
  const double width = text_width("HHH", 20);
  ASSERT_GT(width, 40);

  const Ink left = draw(Align::kLeft), center = draw(Align::kCenter), right = draw(Align::kRight);
  EXPECT_GE(left.left, 100);
  EXPECT_NEAR(left.right, 100 + width, 4);
  EXPECT_NEAR(center.left + center.right, 2 * 100 - 1, 1);
  EXPECT_LE(right.right, 100);
  EXPECT_NEAR(right.left, 100 - width, 4);
  for (const Ink& ink : {left, center, right}) {
    EXPECT_NEAR(ink.bottom - ink.top + 1, 20, 1);  // the height of a capital letter
    EXPECT_NEAR(ink.bottom + ink.top, 2 * 50 - 1, 1);
  }
}

TEST(Raster, TextWidthGrowsWithItsHeight) {
  EXPECT_NEAR(text_width("episode 17", 40), 4 * text_width("episode 17", 10), 0.5);
  EXPECT_GT(text_width("mmmm", 10), text_width("iiii", 10));
  EXPECT_EQ(text_width("", 10), 0);
}

// Broken text must not keep the items after it from being painted.
TEST(Raster, MalformedTextDoesNotAffectTheNextShape) {
  Scene scene = ten();
  scene.items.push_back(envs::Text{{0, 9}, "\xFF\xC3(", 1, kBlack, Align::kLeft});
  scene.items.push_back(box(0, 0, 10, 5, kRed));
  EXPECT_EQ(rasterise(scene).at(5, 8), kRed);
}

// The pen of a text once drew a line to the next circle.
TEST(Raster, TextIsNotConnectedToTheNextCircle) {
  Scene scene;
  scene.high = {100, 100};
  scene.width = scene.height = 100;
  scene.items.push_back(envs::Text{{0, 90}, "H", 10, kBlack, Align::kLeft});
  scene.items.push_back(envs::Circle{{80, 20}, 5, {.fill = kRed, .outline = kBlack, .outline_width = 2}});
  const Image image = rasterise(scene);
  for (int x = 20; x < 70; ++x) {
    for (int y = 0; y < 100; ++y) ASSERT_EQ(image.at(x, y), kWhite) << x << ", " << y;
  }
}

TEST(Raster, OtherAspectRatiosAreFilledWithTheBackground) {
  Scene scene = ten();
  scene.background = {10, 20, 30, 255};
  scene.items.push_back(box(-100, -100, 100, 100, kRed));  // reaches beyond the world on every side
  const Image wide = rasterise(scene, 30, 10);
  EXPECT_EQ(Ink(wide, scene.background).left, 10);
  EXPECT_EQ(Ink(wide, scene.background).right, 19);
  EXPECT_EQ(wide.at(9, 5), scene.background);
  EXPECT_EQ(wide.at(10, 5), kRed);

  const Image high = rasterise(scene, 20, 60);
  EXPECT_EQ(Ink(high, scene.background).top, 20);
  EXPECT_EQ(Ink(high, scene.background).bottom, 39);
}

TEST(Raster, OneSideFollowsFromTheOther) {
  Scene scene;  // 600 x 400
  EXPECT_EQ(rasterise(scene).width, 600);
  EXPECT_EQ(rasterise(scene, 300, 0).height, 200);
  EXPECT_EQ(rasterise(scene, 0, 200).width, 300);
}

TEST(Raster, SkipsNonFiniteItems) {
  for (const double bad : {kNaN, kInfinity, -kInfinity}) {
    Scene scene = ten();
    scene.items.push_back(box(0, 0, bad, 10, kRed));
    scene.items.push_back(envs::Circle{{bad, 5}, 3, {.fill = kRed}});
    scene.items.push_back(envs::Circle{{5, 5}, bad, {.fill = kRed}});
    scene.items.push_back(envs::Polyline{{{0, 0}, {10, bad}}, kRed, 1});
    scene.items.push_back(envs::Polyline{{{0, 0}, {10, 10}}, kRed, bad});
    scene.items.push_back(envs::Text{{bad, 5}, "H", 5, kRed, Align::kLeft});
    scene.items.push_back(envs::Text{{5, 5}, "H", bad, kRed, Align::kLeft});
    scene.items.push_back(envs::Image{{0, 0}, {bad, 5}, Array(DType::kUInt8, Shape{2, 2, 3})});
    EXPECT_EQ(Ink(rasterise(scene)).right, -1) << bad;
    scene.items.push_back(box(0, 0, 1, 1, kRed));
    EXPECT_EQ(rasterise(scene).at(0, 9), kRed) << bad;
  }
}

TEST(Raster, SkipsEmptyItems) {
  Scene scene = ten();
  scene.items = {envs::Polygon{}, envs::Polyline{}, envs::Circle{{5, 5}, 0, {}}, envs::Text{}, envs::Image{}};
  std::get<envs::Image>(scene.items[4]).pixels = Array(DType::kUInt8, Shape{0, 0, 3});
  EXPECT_EQ(Ink(rasterise(scene)).right, -1);
}

// Cairo's coordinates wrap around at 8 million pixels, and its edges are lost beyond 65 536.
TEST(Raster, DistantShapesAreClippedNotWrapped) {
  for (const double far : {1e4, 1e5, 1e6, 1e7, 1e10, 1e300}) {
    Scene scene = ten();
    scene.items.push_back(box(-far, -far, far, 5, kRed));
    scene.items.push_back(envs::Polyline{{{-far, 7.5}, {far, 7.5}}, kBlack, 1});
    const Image image = rasterise(scene);
    for (int x = 0; x < 10; ++x) {
      EXPECT_EQ(image.at(x, 9), kRed) << far;
      EXPECT_EQ(image.at(x, 5), kRed) << far;
      EXPECT_EQ(image.at(x, 4), kWhite) << far;
      EXPECT_EQ(image.at(x, 2), kBlack) << far;
    }
  }

  // slanted edges keep their slope where they are cut: the line y = x, and the half-plane below it
  for (const double far : {1e3, 1e4, 1e5, 1e6, 1e8, 1e11}) {
    Scene line = ten(), half = ten();
    line.items.push_back(envs::Polyline{{{-far, -far}, {far, far}}, kBlack, 1});
    half.items.push_back(envs::Polygon{{{-far, -far}, {far, far}, {far, -far}}, {.fill = kBlack}});
    const Image thin = rasterise(line), filled = rasterise(half);
    for (int x = 1; x < 9; ++x) {
      EXPECT_LT(thin.at(x, 9 - x).red, 100) << far;
      EXPECT_LT(filled.at(x, 10 - x).red, 10) << far;
      EXPECT_GT(filled.at(x, 8 - x).red, 245) << far;
    }
    EXPECT_EQ(thin.at(1, 5), kWhite) << far;
    EXPECT_EQ(thin.at(8, 5), kWhite) << far;
  }

  // and the edge of a circle of half a million pixels, x <= 5, stays where it is
  Scene round = ten();
  round.items.push_back(envs::Circle{{5 - 5e5, 5}, 5e5, {.fill = kRed}});
  EXPECT_EQ(rasterise(round).at(3, 5), kRed);
  EXPECT_EQ(rasterise(round).at(6, 5), kWhite);
}

TEST(Raster, HugeLettersAndWidthsAreSafe) {
  for (const double huge : {1e3, 2.9e4, 1e6, 1e300}) {
    Scene scene = ten();
    scene.items.push_back(envs::Text{{5, 5}, "HO", huge, kBlue, Align::kCenter});
    scene.items.push_back(envs::Polyline{{{0, 0}, {10, 10}}, kBlack, huge});
    scene.items.push_back(box(0, 0, 10, 5, kRed));
    EXPECT_EQ(rasterise(scene).at(5, 8), kRed) << huge;
    EXPECT_EQ(rasterise(scene).at(5, 1), kBlack) << huge;
  }
}

TEST(Raster, RejectsAWorldWithoutAreaAndInvalidSizes) {
  Scene flat = ten();
  flat.high = {10, 0};
  EXPECT_THROW(rasterise(flat), InvalidArgument);
  flat.high = {kNaN, 10};
  EXPECT_THROW(rasterise(flat), InvalidArgument);
  EXPECT_THROW(rasterise(ten(), -1, 10), InvalidArgument);
  EXPECT_THROW(rasterise(ten(), 10, kMaxSide + 1), InvalidArgument);
  Scene sizeless = ten();
  sizeless.width = sizeless.height = 0;
  EXPECT_THROW(rasterise(sizeless), InvalidArgument);
}

TEST(Raster, DrawsCartPole) {
  const Image image = rasterise(cart_pole(300, 0));
  EXPECT_EQ(image.at(300, 200), (Color{202, 152, 101, 255}));  // the pole: x 295 to 305, y 102.5 to 202.5
  EXPECT_EQ(image.at(294, 220), kWhite);
  EXPECT_EQ(image.at(295, 220), (Color{202, 152, 101, 255}));
  EXPECT_EQ(image.at(304, 220), (Color{202, 152, 101, 255}));
  EXPECT_EQ(image.at(305, 220), kWhite);
  EXPECT_EQ(image.at(300, 196), kWhite);
  EXPECT_EQ(image.at(300, 292), (Color{129, 132, 203, 255}));  // the axle
  EXPECT_EQ(image.at(280, 300), kBlack);                       // the cart
  EXPECT_EQ(image.at(10, 300), kBlack);                        // the track
  EXPECT_EQ(image.at(10, 299), kWhite);
  EXPECT_EQ(image.at(10, 301), kWhite);
}

}  // namespace
}  // namespace ludus::render
