/// @file
/// Scale, viewport and drawing helpers of the Box2D environments.
#pragma once

#include <vector>

#include "envs/box2d/world.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kScale = 30.0;                                ///< pixels of the original image to a metre
inline constexpr double kViewportWidth = 600, kViewportHeight = 400;  ///< px
inline constexpr double kStepsPerSecond = 50;

/// Computed in double and rounded once, as Python passes them to Box2D.
inline Vec2 metres(double x, double y) {
  return {static_cast<float>(x), static_cast<float>(y)};
}
inline Vec2 pixels(double x, double y) {
  return metres(x / kScale, y / kScale);
}
/// Returns the corners of a rectangle around the origin, counter-clockwise from the lower left.
std::vector<Vec2> box(double half_width, double half_height);

/// Throws InvalidArgument unless `options` is empty: these environments have none.
void refuse_options(const Dict& options);

/// Returns an empty scene of 600 x 400 pixels with its left border at x = `left` (m).
Scene viewport(double left);

inline Point point(Vec2 v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y)};
}
/// Returns a polygon of a body at its current position.
Polygon outline_of(const World& world, std::size_t body, std::size_t fixture, const Paint& paint);
/// Draws a flag, 50 pixels high.
void draw_flag(Scene& scene, Point foot, Color pole, const Paint& cloth);

}  // namespace ludus::envs
