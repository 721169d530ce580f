// Options for the conversion of observations to features, the input of an MLP. This header does not include torch.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace ludus::nn {

/// A range of columns of an observation row, and its meaning.
struct FeaturePart {
  enum class Kind : std::uint8_t {
    kNumbers,  // unchanged
    kOneHot,   // each an integer start, …, start + classes - 1, encoded as `classes` numbers with a single 1
    kImage,    // pixels of 0 to 255: divided by 255 and encoded by a convolutional network
  };
  Kind kind = Kind::kNumbers;
  std::int64_t count = 0;  // columns of the row

  std::int64_t classes = 0;  // kOneHot
  std::int64_t start = 0;    // kOneHot

  /// kImage: (frames x height x width x channels), row-major; the convolutions have frames x channels input channels
  std::int64_t frames = 1;
  std::int64_t height = 0;  // pixels
  std::int64_t width = 0;   // pixels
  std::int64_t channels = 0;
};

struct ImageConvolution {
  std::int64_t kernels, size, stride;
};
/// The convolutions of an image, each followed by a ReLU; then a dense layer. Mnih et al. 2015, methods.
inline constexpr ImageConvolution kImageConvolutions[] = {{32, 8, 4}, {64, 4, 2}, {64, 3, 1}};

struct FeatureOptions {
  std::vector<FeaturePart> parts = {};  // in order, covering the row

  /// Returns the options for rows of n numbers without conversion.
  static FeatureOptions numbers(std::int64_t n);

  std::int64_t row_size() const;  ///< number of columns
  std::int64_t outputs() const;   ///< number of features
  bool is_plain() const;          ///< whether the features are identical to the row

  /// Returns the number of features of an image: 512 for a single image, as in Mnih et al. 2015; 256 per image among
  /// several parts, as in Stable-Baselines3's CombinedExtractor.
  std::int64_t image_outputs() const;

  /// Throws InvalidArgument for an empty part, or an image smaller than the 36 x 36 pixels that the convolutions
  /// require.
  void validate() const;
};

}  // namespace ludus::nn
