/// @file
/// What a classifier makes of labelled images: accuracy, confusion matrix, and its worst mistakes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/array.h"
#include "base/value.h"
#include "nn/vision/transfer/image_sets.h"

namespace ludus::vision {

/// An image whose most probable class is not its own.
struct Mistake {
  std::string file;
  std::int64_t label = 0, predicted = 0;  // indices of classes
  double probability = 0;                 // of the predicted class
};

struct Classification {
  std::vector<std::string> classes;
  std::vector<std::vector<std::int64_t>> confusion;  // [class][predicted class]: number of images
  std::vector<Mistake> mistakes;                     // all of them, the most confident first
  double accuracy = 0;
  double loss = 0;  // mean cross entropy, natural logarithm

  std::int64_t images() const;
  /// Returns the share of a class's images that are predicted right; NaN for a class without images.
  double recall(std::size_t c) const;
};

/// Compares the predictions, logits of shape (N x classes), with the labels. Throws InvalidArgument unless there are as
/// many of each.
Classification classification_of(const Array& logits, const LabeledImages& images,
                                 const std::vector<std::string>& classes);

/// Returns accuracy, confusion matrix (rows: classes, columns: predictions) and mistakes as text.
std::string to_text(const Classification& classification);
/// Returns {"images", "accuracy", "loss", "classes", "recall", "confusion", "mistakes": [{"file", "class", "predicted",
/// "probability"}]}.
Value to_value(const Classification& classification);

/// Number of mistakes on a sheet.
inline constexpr std::size_t kSheetMistakes = 16;

/// Returns the worst mistakes as one image, each with its class and the predicted one. Throws InvalidArgument if there
/// are none, and as io::read_image().
Array mistakes_sheet(const Classification& classification, const std::filesystem::path& folder);

}  // namespace ludus::vision
