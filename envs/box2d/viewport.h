// What the Box2D environments share: their scale, their picture, and small helpers for building and drawing.
#pragma once

#include <vector>

#include "envs/box2d/world.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kScale = 30.0;                                // pixels of the original picture to a metre
inline constexpr double kViewportWidth = 600, kViewportHeight = 400;  // px
inline constexpr double kStepsPerSecond = 50;

// Computed in double and rounded once, as Python hands them to Box2D.
inline Vec2 metres(double x, double y) {
  return {static_cast<float>(x), static_cast<float>(y)};
}
inline Vec2 pixels(double x, double y) {
  return metres(x / kScale, y / kScale);
}
// The corners of a rectangle about the origin, counter-clockwise from the lower left.
std::vector<Vec2> box(double half_width, double half_height);

// Throws InvalidArgument if there is an option: these environments have none.
void refuse_options(const Dict& options);

// An empty scene whose left border is at that x, in m; 600 x 400 pixels.
Scene viewport(double left);

inline Point point(Vec2 v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y)};
}
// A polygon of a body where the body is now.
Polygon outline_of(const World& world, std::size_t body, std::size_t fixture, const Paint& paint);
// A pennant of 50 pixels' height.
void draw_flag(Scene& scene, Point foot, Color pole, const Paint& cloth);

}  // namespace ludus::envs
