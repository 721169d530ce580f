// A small picture in the environment's own hands: polygons of few colours, smoothed by taking several samples a pixel.
//
// Each sample is an index into the palette, so a polygon is filled by memset and a pixel whose samples are all alike
// costs one comparison a row. Nothing is allocated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "envs/core/scene.h"

namespace ludus::envs {

class PixelCanvas {
 public:
  static constexpr int kPixels = 96;  // each way
  static constexpr int kSamples = 8;  // each way in a pixel: one 64-bit word holds a row of them
  static constexpr int kSide = kPixels * kSamples;
  static constexpr std::size_t kBytes = std::size_t{kPixels} * kPixels * 3;

  // The canvas shows the rectangle from (0, 0), its lower left corner, to (width, height), in any unit.
  PixelCanvas(double width, double height, Color background);

  // Fills the polygon by the even-odd rule, where it covers the middles of samples; up to 16 corners, finite. A
  // picture has at most 256 colours.
  void fill(std::span<const Point> polygon, Color color);

  // Digits and minus signs of that height, about `middle`.
  void write(std::string_view digits, Point middle, double height, Color color);

  // Mean colour of each pixel's samples: rows from the top, each pixel red, green, blue. `out` has kBytes bytes.
  void read(std::span<std::uint8_t> out) const;

 private:
  std::uint8_t index_of(Color color);

  double scale_x_, scale_y_;  // samples a unit
  std::array<Color, 256> palette_;
  std::size_t colors_ = 0;
  std::uint8_t last_ = 0;                                                     // index of the colour asked for last
  alignas(64) std::array<std::uint8_t, std::size_t{kSide} * kSide> samples_;  // rows from the bottom
};

}  // namespace ludus::envs
