/// @file
/// Text over an image.
#pragma once

#include <span>
#include <string>

#include "render/image.h"

namespace ludus::render {

/// Draws lines of text into the upper left corner, on a half-transparent panel; no effect without lines. The font size
/// scales with the image, at least 9 pixels; text beyond the image is clipped.
void draw_overlay(Image& image, std::span<const std::string> lines);

}  // namespace ludus::render
