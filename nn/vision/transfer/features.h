/// @file
/// Bottleneck features: what a network computes of every image of a folder before its classifier, in an NPZ file. This
/// header does not include torch.
///
///   features  float32 (N x width)    labels   int64 (N)
///   files     uint8: the names of the N files, UTF-8, a line each; bytes(files).decode().splitlines() in NumPy
///   classes   uint8: the names of the classes, likewise
///   val_features, val_labels, val_files: the same of the images for validation, where the folder has some
///   key       uint8: what the features were computed from, see compute_features()
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/array.h"
#include "nn/model/bundle.h"
#include "nn/vision/transfer/image_sets.h"
#include "nn/vision/transforms.h"

namespace ludus::vision {

struct Features {
  Array values;          // float32 (N x width)
  LabeledImages images;  // without those that could not be read

  std::size_t size() const { return images.labels.size(); }
};

struct FeatureSets {
  std::vector<std::string> classes;
  Features train;
  std::optional<Features> validation = {};
  std::int64_t broken = 0;  // images that could not be read and were left out
  std::int64_t cached = 0;  // images whose features were read from a file
};

struct FeatureOptions {
  bool skip_broken = false;  ///< leave out images that cannot be read, with one line each; false: throw
  std::size_t workers = 0;   ///< threads that decode and resize; does not change the features
  std::string device = "cpu";
  std::function<bool()> interrupted = {};                              ///< called after every part
  std::function<void(const std::string& line)> report_broken = {};     ///< gets the lines of skip_broken
  std::function<void(std::size_t done, std::size_t of)> on_part = {};  ///< images so far, after every computed part
};

/// Number of images of a part.
inline constexpr std::size_t kFeaturePart = 64;

/// Computes the features of all images and writes them to `file`. Batch normalisation is folded into the layers before
/// it. Every part of kFeaturePart images is first written to the folder FILE.parts, so a process that was killed
/// continues with the next part; the folder is removed at the end. A file or a part is used only if its key is the
/// same: network, weights, preprocessing, and names, sizes and times of the images. Throws FileError for an image that
/// cannot be read, unless skip_broken, and if a class loses all its images; Interrupted (base/interruption.h); and as
/// io::write_npz().
FeatureSets compute_features(const nn::Bundle& backbone, const Manifest& manifest, const ImageSets& images,
                             const std::filesystem::path& file, const FeatureOptions& options = {});

/// Reads a file of compute_features(). Throws FileError, naming the file, for one that holds something else.
FeatureSets read_features(const std::filesystem::path& file);

}  // namespace ludus::vision
