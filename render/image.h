/// @file
/// An RGB image: the output of the rasteriser and the input of PNG files, videos and windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "envs/core/scene.h"

namespace ludus::render {

/// An 8-bit RGB image.
struct Image {
  int width = 0, height = 0;      ///< pixels
  std::vector<std::uint8_t> rgb;  ///< (height x width x 3), row-major, top row first

  /// Returns the opaque colour at column x from the left and row y from the top; both must be inside the image.
  envs::Color at(int x, int y) const {
    const std::size_t i =
        3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
    return {rgb[i], rgb[i + 1], rgb[i + 2], 255};
  }

  friend bool operator==(const Image&, const Image&) = default;
};

}  // namespace ludus::render
