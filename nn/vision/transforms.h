/// @file
/// The manifest of a network's weights: how an image becomes the input that they were trained on, and what the outputs
/// mean. It is data beside the weights, written and read as JSON; nothing about preprocessing is guessed.
///
///   {"size": [224, 224], "channel_order": "bgr", "scale": 255, "mean": [104, 117, 123], "labels": ["tench", …]}
///
/// Preprocessing: resize, crop, order the channels, then y = (scale · x - mean) / std with x in [0, 1].
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "nn/vision/image_ops.h"

namespace ludus::vision {

struct Manifest {
  std::array<std::int64_t, 2> size{224, 224};  // height, width in pixels, of the input
  std::string channel_order = "rgb";           // or "bgr", or "grey": one channel
  double scale = 1.0;                          // of x in [0, 1]: 255 for networks that take bytes
  std::vector<double> mean{0.0};               // of each channel in this order, or one for all
  std::vector<double> std{1.0};                // likewise
  std::string resize = "shorter_side";         // to resize_side; "exact": to size, proportions lost; "none"
  std::int64_t resize_side = 256;              // pixels
  std::string filter = "bilinear";             // see Filter
  std::string sampling = "antialiased";        // resize(); or a grid of resize_tf1()
  std::string crop = "center";                 // center_crop_or_pad() to size; "none": the image must have this size
  std::string output = "logits";               // of the network; or "probabilities"
  std::vector<std::string> labels = {};        // of the classes, in the order of the outputs; may be empty

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("size", self.size, between(1, 1 << 14), "height and width of the input, in pixels");
    visit("channel_order", self.channel_order, one_of("rgb", "bgr", "grey"), "order of the channels");
    visit("scale", self.scale, above(0), "factor of the intensities in [0, 1]");
    visit("mean", self.mean, at_least(-1e6).at_most(1e6), "subtracted from each channel, or from all");
    visit("std", self.std, above(0), "divides each channel, or all");
    visit("resize", self.resize, one_of("shorter_side", "exact", "none"), "how the image is resized before the crop");
    visit("resize_side", self.resize_side, between(1, 1 << 14), "the shorter side after resizing, in pixels");
    visit("filter", self.filter, one_of("nearest", "bilinear", "bicubic", "area"), "filter of the resizing");
    visit("sampling", self.sampling, one_of("antialiased", "legacy", "align_corners", "half_pixel"),
          "antialiased as PIL, or a grid of TensorFlow 1");
    visit("crop", self.crop, one_of("center", "none"), "how the resized image is cropped");
    visit("output", self.output, one_of("logits", "probabilities"), "what the network computes");
    visit("labels", self.labels, "names of the classes, in the order of the outputs");
  }

  /// Throws InvalidArgument unless mean and std have one value, or one for each channel.
  void check() const;

  std::int64_t channels() const { return channel_order == "grey" ? 1 : 3; }
  /// Returns the label of a class; "" if there are no labels. Throws InvalidArgument for a class without one.
  std::string label_of(std::int64_t index) const;

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// Convert to JSON and back. Missing fields have their defaults. manifest_from_json() throws FileError for text that is
/// not JSON, TypeMismatch for JSON that is not an object, UnknownField with a suggestion, and InvalidArgument for
/// values out of range.
std::string to_json(const Manifest& manifest);
Manifest manifest_from_json(std::string_view text);

/// Write and read a file. Throw as write_atomically() and read_text() do; load_manifest() names the file in every
/// message.
void save_manifest(const std::filesystem::path& path, const Manifest& manifest);
Manifest load_manifest(const std::filesystem::path& path);

/// Returns the labels of a text file, one a line.
std::vector<std::string> read_labels(const std::filesystem::path& path);

/// Returns the image after resizing and cropping, as the network sees it: RGB or grey, of the manifest's size. Throws
/// as preprocess().
Array resized_and_cropped(const Array& image, const Manifest& manifest);

/// Returns the input of the network for one image: float32 of shape (channels, height, width). Grey images become
/// colour and alpha is dropped. Throws TypeMismatch for something that is not an image, InvalidArgument if it has
/// another size and the manifest neither resizes nor crops, and as check_fields() for a manifest that is not valid.
Array preprocess(const Array& image, const Manifest& manifest);

/// Returns the inputs for several images: float32 of shape (N, channels, height, width). Throws InvalidArgument for
/// none.
Array preprocess(std::span<const Array> images, const Manifest& manifest);

/// Returns the uint8 image, RGB or grey, of an input that preprocess() made.
Array undo_preprocessing(const Array& input, const Manifest& manifest);

}  // namespace ludus::vision
