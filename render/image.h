// Pixels: what the rasteriser gives and everything that shows or stores a scene takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "envs/core/scene.h"

namespace ludus::render {

struct Picture {
  int width = 0, height = 0;      // pixels
  std::vector<std::uint8_t> rgb;  // (height x width x 3), row-major, top row first

  // The opaque colour at column x from the left and row y from the top; both must lie inside.
  envs::Color at(int x, int y) const {
    const std::size_t i =
        3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
    return {rgb[i], rgb[i + 1], rgb[i + 2], 255};
  }

  friend bool operator==(const Picture&, const Picture&) = default;
};

}  // namespace ludus::render
