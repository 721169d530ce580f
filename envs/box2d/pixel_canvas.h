/// @file
/// A small anti-aliased canvas for observations: polygons of few colours, several samples per pixel.
///
/// A sample is an index into the palette: polygons are filled by memset, and a pixel with equal samples costs one
/// comparison per row. No allocation.
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
  static constexpr int kPixels = 96;  ///< each way
  static constexpr int kSamples = 8;  ///< each way in a pixel: one 64-bit word per row
  static constexpr int kSide = kPixels * kSamples;
  static constexpr std::size_t kBytes = std::size_t{kPixels} * kPixels * 3;

  /// The canvas shows the rectangle from (0, 0), its lower left corner, to (width, height), in any unit.
  PixelCanvas(double width, double height, Color background);

  /// Fills the samples with their centre in the polygon (even-odd rule); up to 16 corners, finite. At most 256 colours
  /// per image.
  void fill(std::span<const Point> polygon, Color color);

  /// Draws digits and minus signs of that height, centred at `middle`.
  void write(std::string_view digits, Point middle, double height, Color color);

  /// Writes the mean colour of each pixel's samples, (kPixels x kPixels x 3) row-major, top row first.
  void read(std::span<std::uint8_t> out) const;

 private:
  std::uint8_t index_of(Color color);

  double scale_x_, scale_y_;  ///< samples a unit
  std::array<Color, 256> palette_;
  std::size_t colors_ = 0;
  std::uint8_t last_ = 0;                                                     ///< index of the last colour
  alignas(64) std::array<std::uint8_t, std::size_t{kSide} * kSide> samples_;  ///< rows from the bottom
};

}  // namespace ludus::envs
