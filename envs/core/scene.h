// An image as a list of shapes in world units: what an environment draws, knowing nothing of pixels.
//
// render/ turns a Scene into a window, an image, a video or text, and all show the same.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/array.h"

namespace ludus::envs {

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
  friend bool operator==(const Color&, const Color&) = default;
};

struct Point {
  double x = 0, y = 0;  // world units, y upward
  friend bool operator==(const Point&, const Point&) = default;
};

// How a shape is painted; a width of 0 leaves the outline, an alpha of 0 the filling away.
struct Paint {
  Color fill{0, 0, 0, 255};
  Color outline{0, 0, 0, 255};
  double outline_width = 0;  // world units
};

struct Polygon {
  std::vector<Point> points;
  Paint paint;
};

struct Circle {
  Point center;
  double radius = 0;  // world units
  Paint paint;
};

// An open line through the points.
struct Polyline {
  std::vector<Point> points;
  Color color;
  double width = 0;  // world units; 0 draws one pixel
};

enum class Align : std::uint8_t { kLeft, kCenter, kRight };

struct Text {
  Point position;  // the middle of the text's height at its left end, centre or right end
  std::string text;
  double height = 0;  // of a capital letter's line, world units
  Color color;
  Align align = Align::kLeft;
};

// Pixels given as they are (environments whose observation is an image), stretched over the rectangle.
struct Image {
  Point low, high;  // opposite corners
  Array pixels;     // uint8 (height, width, 3), top row first
};

using SceneItem = std::variant<Polygon, Circle, Polyline, Text, Image>;

struct Scene {
  Point low{0, 0};       // the corner of the world at the lower left of the image
  Point high{600, 400};  // the corner at the upper right
  int width = 600;       // pixels that suit the scene; a renderer may use others
  int height = 400;
  Color background{255, 255, 255, 255};
  std::vector<SceneItem> items;  // painted in order, later ones on top
  std::string text;              // the same as plain text ("ansi"), where an environment has such a form
};

}  // namespace ludus::envs
