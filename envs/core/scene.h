// A frame as a list of shapes in world units: the output of an environment's renderer, independent of pixels.
//
// render/ turns a Scene into a window, an image, a video or text, all with the same content.
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

/// Fill and outline of a shape. An outline width of 0 omits the outline, a fill alpha of 0 the fill.
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

/// An open line through the points.
struct Polyline {
  std::vector<Point> points;
  Color color;
  double width = 0;  // world units; 0 draws one pixel
};

enum class Align : std::uint8_t { kLeft, kCenter, kRight };

struct Text {
  Point position;  // vertical centre of the text, at its left end, centre or right end
  std::string text;
  double height = 0;  // height of a capital letter, world units
  Color color;
  Align align = Align::kLeft;
};

/// Pixels of an environment with image observations, stretched over the rectangle.
struct Image {
  Point low, high;  // opposite corners
  Array pixels;     // uint8 (height, width, 3), top row first
};

using SceneItem = std::variant<Polygon, Circle, Polyline, Text, Image>;

struct Scene {
  Point low{0, 0};       // world coordinates of the lower left corner
  Point high{600, 400};  // world coordinates of the upper right corner
  int width = 600;       // preferred size in pixels; a renderer may use another
  int height = 400;
  Color background{255, 255, 255, 255};
  std::vector<SceneItem> items;  // painted in order, later ones on top
  std::string text;              // the same content as plain text ("ansi"), if the environment has a text form
};

}  // namespace ludus::envs
