/// @file
/// Datasets of files: those that match a pattern, and folders of images with a folder for each class.
///
/// Both give paths; load_bytes() then reads the files. So a shuffle() in between moves only paths, and several workers
/// read and decode:
///
///   const auto folder = data::list_image_folder("animals/train");
///   auto train = data::from_image_folder(folder).shuffle(folder.files.size(), seed)
///                    .map([](data::Example e) { return decode(data::load_bytes(std::move(e))); }, {.workers = 4});
///
/// Decoding images is left to a function of map(): nothing here knows JPEG or PNG.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nn/data/dataset.h"

namespace ludus::data {

/// Returns the files that match a pattern of the shell (*, ?, [a-z]), sorted bytewise. Throws FileError if there is
/// none.
std::vector<std::filesystem::path> matching_files(const std::string& pattern);

/// A dataset of the field "path", one element for each file.
Dataset from_paths(const std::vector<std::filesystem::path>& paths);

struct ImageFolder {
  std::vector<std::string> classes;          ///< names of the folders, sorted bytewise
  std::vector<std::filesystem::path> files;  ///< class by class, sorted bytewise within each
  std::vector<std::int64_t> labels;          ///< index in `classes` of each file
};

/// Lists ROOT/CLASS/…/FILE, at any depth below the folder of a class, with the endings .jpg, .jpeg, .png, .bmp, .gif,
/// .ppm, .webp in any case. Hidden files and folders are left out. Throws FileError if the folder cannot be read, has
/// no folders in it, or a class has no image.
ImageFolder list_image_folder(const std::filesystem::path& root);

/// A dataset of the fields "path" (a string) and "label" (int64), in the order of the listing.
Dataset from_image_folder(const ImageFolder& folder);
Dataset from_image_folder(const std::filesystem::path& root);

/// Adds the content of the file that the field `path` names, relative to `root`, as the field `bytes`, a string. Throws
/// FileError if it cannot be read.
Example load_bytes(Example example, std::string_view path = "path", std::string_view bytes = "bytes",
                   const std::filesystem::path& root = {});

}  // namespace ludus::data
