/// @file
/// Text on images, in a bitmap font of 5 x 7 pixels: no display and no font files are needed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/vision/image.h"

namespace ludus::vision {

/// Returns the image, as uint8 RGB, with the lines of text in white over a darkened band at its lower edge. The letters
/// grow with the image, and shrink to the font's 5 x 7 pixels where a line does not fit; longer lines end in "...", and
/// lines that find no room in the height are left out. Characters beyond ASCII are shown as "?". Throws as
/// check_image().
Array with_caption(const Array& image, const std::vector<std::string>& lines);

}  // namespace ludus::vision
