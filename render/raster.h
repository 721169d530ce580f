// The one rasteriser: every window, picture, film and terminal shows the pixels it makes.
#pragma once

#include <string_view>

#include "envs/core/scene.h"
#include "render/image.h"

namespace ludus::render {

// Largest side of a picture, pixels.
inline constexpr int kMaxSide = 16384;

// Paints `scene` into a picture of `width` x `height` pixels. Where both are 0 the scene's own size is taken;
// where one is 0 it follows from the other and the proportions of the world.
//
// The world rectangle keeps its proportions, lies in the middle, and nothing is painted outside it: what is left
// over shows the background colour. Edges are anti-aliased, colours with an alpha lie over what is below them.
// Outlines and lines are at least one pixel wide, so that they survive in small pictures; a line of width 0 is
// exactly one. A line of width 0 that is level or upright lies on one row or column of pixels.
//
// Items with a coordinate, radius or width that is not finite are left out (a diverged simulation can still be
// looked at), as are circles with a radius above a million pixels and letters higher than 30 000.
// Throws InvalidArgument for a world without area, a size below 0 or above kMaxSide, and image pixels that are
// not uint8 (height, width, 3).
Picture rasterise(const envs::Scene& scene, int width = 0, int height = 0);

// How far `text` of that capital letter's height reaches from its left end to its right end, in the same unit.
double text_width(std::string_view text, double height);

}  // namespace ludus::render
