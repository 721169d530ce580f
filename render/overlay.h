// Lines of text laid over a picture, in the upper left corner on a half-transparent panel.
#pragma once

#include <span>
#include <string>

#include "render/image.h"

namespace ludus::render {

// Nothing changes where `lines` is empty. Letters grow with the picture, from 9 pixels upward, and what does
// not fit into it is cut off.
void draw_overlay(Picture& picture, std::span<const std::string> lines);

}  // namespace ludus::render
