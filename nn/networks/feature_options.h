// How rows of observations become numbers that a perceptron can take. This header does not include torch.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace ludus::nn {

// A stretch of the row, and what its numbers mean.
struct FeaturePart {
  enum class Kind : std::uint8_t {
    kNumbers,  // taken as they are
    kOneHot,   // each one an integer of start, …, start + classes - 1: becomes `classes` numbers, one of them 1
    kImage,    // pixels of 0 to 255: divided by 255 and seen by a convolutional network
  };
  Kind kind = Kind::kNumbers;
  std::int64_t count = 0;  // numbers of the row that belong to it

  std::int64_t classes = 0;  // kOneHot
  std::int64_t start = 0;

  // kImage: (frames x height x width x channels), row-major; a network sees frames x channels planes
  std::int64_t frames = 1;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
};

struct FeatureOptions {
  std::vector<FeaturePart> parts;  // one after another, all of the row

  // A row of n numbers, taken as they are.
  static FeatureOptions numbers(std::int64_t n);

  std::int64_t row_size() const;  // numbers in a row
  std::int64_t outputs() const;   // numbers that come out
  bool is_plain() const;          // what comes out is the row itself

  // Numbers that the convolutional network makes of a picture: 512 as in Mnih et al. 2015; 256 for each picture of
  // several parts, as Stable-Baselines3's CombinedExtractor.
  std::int64_t image_outputs() const;

  // Throws InvalidArgument for a part without numbers, or a picture that is smaller than 36 x 36, which the
  // convolutions need.
  void validate() const;
};

}  // namespace ludus::nn
