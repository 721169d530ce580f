/// @file
/// Images as arrays: uint8 of (height, width) or (height, width, channels), top row first.
#pragma once

#include <cstdint>
#include <vector>

#include "base/array.h"

namespace ludus::envs {

/// Weights of red, green and blue, summed in double.
struct GrayWeights {
  double red, green, blue;
};
inline constexpr GrayWeights kLuminance709{0.2125, 0.7154, 0.0721};  ///< Gymnasium's GrayscaleObservation, rounded down
inline constexpr GrayWeights kLuminance601{0.2989, 0.5870, 0.1140};  ///< the Atari emulator's palette, to the nearest

enum class Rounding : std::uint8_t { kDown, kNearest };

/// Converts `rgb` (height, width, 3) to `gray`, an array of shape (height, width) or (height, width, 1).
void to_gray(const Array& rgb, const GrayWeights& weights, Rounding rounding, Array& gray);

/// Resizes images of one size to another as OpenCV's INTER_AREA does with 8-bit images: where both sides shrink, every
/// new pixel is the mean of the area it covers (exact in integers where the sides divide, else weighted sums in
/// float32, rounded half to even; 2 x 2 rounds half up); where a side grows, bilinear with the weights of areas in
/// fixed point of 11 bits.
class AreaResize {
 public:
  /// Throws InvalidArgument unless all sides are positive.
  AreaResize(std::int64_t from_height, std::int64_t from_width, std::int64_t to_height, std::int64_t to_width,
             std::int64_t channels);

  /// Resizes `from` into `to`; their shapes are those of the constructor.
  void operator()(const Array& from, Array& to);

 private:
  /// Weight of a source row or column in a target one.
  struct Share {
    std::int64_t to, from;
    float weight;
  };
  /// A target row or column between two source ones: weights of the first and second in 1/2048.
  struct Between {
    std::int64_t first, second;
    int first_weight, second_weight;
  };
  static std::vector<Share> shares(std::int64_t from, std::int64_t to);
  static std::vector<Between> betweens(std::int64_t from, std::int64_t to);

  void whole_areas(const std::uint8_t* from, std::uint8_t* to) const;
  void areas(const std::uint8_t* from, std::uint8_t* to);
  void bilinear(const std::uint8_t* from, std::uint8_t* to) const;

  std::int64_t from_height_, from_width_, to_height_, to_width_, channels_;
  std::vector<Share> rows_, columns_;
  std::vector<Between> rows_between_, columns_between_;
  std::vector<float> row_, sum_;  ///< (to_width x channels)
};

}  // namespace ludus::envs
