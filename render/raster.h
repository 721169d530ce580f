/// @file
/// The rasteriser: windows, images, videos and terminals show its pixels.
#pragma once

#include <string_view>

#include "envs/core/scene.h"
#include "render/image.h"

namespace ludus::render {

/// Largest side of an image, pixels.
inline constexpr int kMaxSide = 16384;

/// Renders `scene` into an image of `width` x `height` pixels. If both are 0 the scene's size is used; if one is 0 it
/// follows from the other and the world's aspect ratio.
///
/// The world rectangle keeps its aspect ratio and is centred; the margin has the background colour. Edges are
/// anti-aliased, colours are alpha-blended. Outlines and lines are at least one pixel wide, to be visible in small
/// images; a line of width 0 is exactly one pixel wide, and covers a single row or column of pixels if it is horizontal
/// or vertical.
///
/// Skips items with a non-finite coordinate, radius or width (a diverged simulation can still be rendered), circles
/// with a radius above a million pixels and letters higher than 30 000. Throws InvalidArgument for a world without
/// area, a size below 0 or above kMaxSide, and pixels other than uint8 (height, width, 3).
Image rasterise(const envs::Scene& scene, int width = 0, int height = 0);

/// Returns the width of `text` with capital letters of that height, in the same unit.
double text_width(std::string_view text, double height);

}  // namespace ludus::render
