/// @file
/// Several images as one, in rows.
#pragma once

#include <cstdint>
#include <span>

#include "nn/vision/image.h"

namespace ludus::vision {

/// Returns the images beside each other, `columns` to a row, with `gap` pixels of white between them; uint8, with the
/// most channels that any has. Images of less than the largest height or width are at the upper left of their place.
/// Throws InvalidArgument for no image, columns < 1 or gap < 0, and as check_image() does.
Array sheet_of(std::span<const Array> images, std::int64_t columns, std::int64_t gap = 2);

}  // namespace ludus::vision
