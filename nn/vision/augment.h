/// @file
/// Random augmentation of images, for the map() of a pipeline (nn/data/dataset.h), whose generators depend on seed,
/// epoch and position only:
///
///   train.map([options](data::Example example, Generator& random) {
///     example.array("image") = vision::augment(example.array("image"), options, random);
///     return example;
///   }, {.workers = 4, .seed = 1})
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "base/rng.h"
#include "nn/vision/image_ops.h"

namespace ludus::vision {

/// What augment() does, in this order; the defaults do nothing.
struct Augmentation {
  std::int64_t padding = 0;      // pixels of black added at every side before the random crop
  double min_area = 1.0;         // random resized crop: the smallest part of the area; 1: none
  double horizontal_flip = 0.0;  // probability
  double vertical_flip = 0.0;    // probability
  double brightness = 0.0;       // the factor is uniform in [max(0, 1 - b), 1 + b]; so are the next two
  double contrast = 0.0;
  double saturation = 0.0;
  double hue = 0.0;  // the shift is uniform in [-hue, hue]

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("padding", self.padding, at_least(0), "pixels of black added at every side before a random crop to the size");
    visit("min_area", self.min_area, above(0).at_most(1),
          "smallest area of a random crop, resized to the size; 1: none");
    visit("horizontal_flip", self.horizontal_flip, between(0, 1), "probability of exchanging left and right");
    visit("vertical_flip", self.vertical_flip, between(0, 1), "probability of exchanging top and bottom");
    visit("brightness", self.brightness, at_least(0), "largest change of the brightness factor from 1");
    visit("contrast", self.contrast, at_least(0), "largest change of the contrast factor from 1");
    visit("saturation", self.saturation, at_least(0), "largest change of the saturation factor from 1");
    visit("hue", self.hue, between(0, 0.5), "largest shift of the hue, of the colour circle");
  }

  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

/// Returns a randomly changed copy of an image, of the same size and type. A setting at its default draws no random
/// number. Throws InvalidArgument for settings out of range, and as check_image() does.
Array augment(const Array& image, const Augmentation& options, Generator& random);

/// A random part of area in [min_area, 1] and aspect ratio in [3/4, 4/3] of the image's, resized to `size`:
/// torchvision's RandomResizedCrop, with ten attempts and then the largest centre crop. Throws InvalidArgument unless 0
/// < min_area <= 1.
Array random_resized_crop(const Array& image, ImageSize size, double min_area, Generator& random,
                          Filter filter = Filter::kBilinear);

/// Returns a draw of the beta distribution with both parameters `alpha`, as NumPy's Generator.beta(alpha, alpha).
/// Throws InvalidArgument unless alpha is positive and finite.
double symmetric_beta(double alpha, Generator& random);

/// A batch after MixUp.
struct MixedBatch {
  Array images;   // of the shape of the batch, float32
  Array targets;  // (N x classes), float32: probabilities
  double weight;  // of every example's own image and target
};

/// MixUp (Zhang et al. 2018, arXiv:1710.09412): λ x + (1 - λ) x', λ y + (1 - λ) y' with λ ~ Beta(alpha, alpha), one for
/// the batch, and the partner x' of each example by a random permutation. `images` is float32 of shape (N, …),
/// `targets` float32 of shape (N, classes), one-hot or probabilities. Throws TypeMismatch for anything else.
MixedBatch mix_up(const Array& images, const Array& targets, double alpha, Generator& random);

/// Returns float32 of shape (N, classes) with a 1 in the column of each label, an int64 array of shape (N). Throws
/// InvalidArgument for a label outside [0, classes).
Array one_hot(const Array& labels, std::int64_t classes);

}  // namespace ludus::vision
