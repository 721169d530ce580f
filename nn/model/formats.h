// The formats of files with models, by extension: `ludus model convert` and `export` read and write what this table
// lists. This header does not include torch.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "nn/model/bundle.h"

namespace ludus::nn {

/// A format of model files. To add one, add a row to the table in formats.cpp.
struct ModelFormat {
  std::string_view extension;  ///< ".safetensors"; the longest one that fits a file's name counts
  std::string_view summary;    ///< a phrase for help texts
  /// Reads a model. Null: the format is written only.
  Bundle (*read)(const std::filesystem::path& path, const std::filesystem::path& weights) = nullptr;
  /// Writes a model, or what the format holds of it. Null: the format is read only.
  void (*write)(const std::filesystem::path& path, const Bundle& bundle) = nullptr;
  /// Whether what is written can be read again as a model without another file.
  bool complete = false;
};

std::span<const ModelFormat> model_formats();

/// Returns the format of a file by its name. Throws InvalidArgument listing the extensions.
const ModelFormat& model_format(const std::filesystem::path& path);

/// Returns `path`, or the model of a run folder: best.safetensors, otherwise model.safetensors. Throws FileError if
/// there is none.
std::filesystem::path model_path(const std::filesystem::path& path);

/// Reads a model of any format, or of a run folder. `weights`: a file of weights for a format that holds none
/// (safetensors or NPZ); empty: none. Throws InvalidArgument if weights are missing or unnecessary or the format is
/// written only, and what the reader throws.
Bundle read_model_file(const std::filesystem::path& path, const std::filesystem::path& weights = {});

/// Reads a description: a JSON file, or that of a model file or a run folder.
Description read_description(const std::filesystem::path& path);

/// Writes a model in the format of the path's extension. Throws InvalidArgument if the format is read only, and what
/// the writer throws.
void write_model_file(const std::filesystem::path& path, const Bundle& bundle);

}  // namespace ludus::nn
