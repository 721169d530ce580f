#include "nn/vision/transfer/image_sets.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "nn/data/file_source.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;

LabeledImages relative_to(const fs::path& folder, data::ImageFolder listing) {
  LabeledImages images{.files = {}, .labels = std::move(listing.labels)};
  for (const fs::path& file : listing.files) images.files.push_back(file.lexically_relative(folder).generic_string());
  return images;
}

}  // namespace

ImageSets list_image_sets(const fs::path& folder) {
  ImageSets sets{.folder = folder, .classes = {}, .train = {}};
  const bool is_split = fs::is_directory(folder / "train") && fs::is_directory(folder / "val");
  data::ImageFolder train = data::list_image_folder(is_split ? folder / "train" : folder);
  sets.classes = train.classes;
  sets.train = relative_to(folder, std::move(train));
  if (!is_split) return sets;
  data::ImageFolder validation = data::list_image_folder(folder / "val");
  if (validation.classes != sets.classes) {
    throw InvalidArgument(formatted("{}: the folders of val must be those of train, {}, got {}", folder.string(),
                                    joined(sets.classes), joined(validation.classes)));
  }
  sets.validation = relative_to(folder, std::move(validation));
  return sets;
}

Split split_by_class(std::span<const std::int64_t> labels, const std::vector<std::string>& classes, double share,
                     Generator& random) {
  Split split;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::vector<std::size_t> examples;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] == static_cast<std::int64_t>(c)) examples.push_back(i);
    }
    if (examples.size() < 2) {
      throw InvalidArgument(
          formatted("class \"{}\" must have at least two images, one of them for the validation, got {}", classes[c],
                    examples.size()));
    }
    const auto count = std::clamp<std::int64_t>(std::llround(share * static_cast<double>(examples.size())), 1,
                                                static_cast<std::int64_t>(examples.size()) - 1);
    // the first steps of a Fisher-Yates shuffle
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
      const auto rest = static_cast<std::int64_t>(examples.size() - k);
      std::swap(examples[k], examples[k + static_cast<std::size_t>(random.integers(0, rest))]);
    }
    const auto middle = examples.begin() + static_cast<std::ptrdiff_t>(count);
    split.validation.insert(split.validation.end(), examples.begin(), middle);
    split.train.insert(split.train.end(), middle, examples.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace ludus::vision
