/// @file
/// Weights of published networks in files, which may lack what only a training needs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nn/model/build.h"

namespace ludus::vision::zoo {

/// Loads the weights of all layers of the model and returns the names of the file's other arrays. Throws
/// CorruptCheckpoint naming the file and `network` if arrays are missing or have another shape, and as nn::restore().
std::vector<std::string> load_published_weights(nn::Model& model, const std::filesystem::path& file,
                                                const std::string& network);

}  // namespace ludus::vision::zoo
