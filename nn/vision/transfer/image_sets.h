/// @file
/// Folders of labelled images, for training and for validation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"

namespace ludus::vision {

struct LabeledImages {
  std::vector<std::string> files;    // relative to the folder, with "/"
  std::vector<std::int64_t> labels;  // index of the class of each file
};

/// The images below a folder, with a sub-folder for each class.
struct ImageSets {
  std::filesystem::path folder;
  std::vector<std::string> classes;  // names of the sub-folders, sorted bytewise
  LabeledImages train;
  std::optional<LabeledImages> validation = {};
};

/// Lists FOLDER/CLASS/FILE, or FOLDER/train/CLASS/FILE and FOLDER/val/CLASS/FILE where both exist. Throws as
/// data::list_image_folder(), and InvalidArgument if the classes of `val` are not those of `train`.
ImageSets list_image_sets(const std::filesystem::path& folder);

/// Indices of examples, each in ascending order.
struct Split {
  std::vector<std::size_t> train, validation;
};

/// Draws round(share · n), at least one, of the n examples of every class for the validation, so that the classes keep
/// their shares. Throws InvalidArgument, naming the class, for a class of one example.
Split split_by_class(std::span<const std::int64_t> labels, const std::vector<std::string>& classes, double share,
                     Generator& random);

}  // namespace ludus::vision
