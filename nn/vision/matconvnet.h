/// @file
/// Networks of MatConvNet, such as imagenet-vgg-verydeep-19.mat: weights and preprocessing out of a MATLAB file.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "base/named_arrays.h"
#include "nn/io/matlab.h"

namespace ludus::vision {

struct MatConvNet {
  /// "conv1_1.weight" (out x in x height x width) and "conv1_1.bias" (out) for each layer with weights, float32, under
  /// its name in the file. Fully connected layers are convolutions there, and stay so.
  NamedArrays weights;
  std::vector<std::string> layers;   ///< names of all layers in order: "conv1_1", "relu1_1", "pool1", …
  std::vector<float> mean;           ///< of each channel, R, G, B in [0, 255]; empty if the file has none
  std::vector<std::string> classes;  ///< descriptions of the classes; empty if the file has none
};

/// Reads the layers by the names of their fields, whose order differs between the files in circulation: `weights` first
/// or after `name` and `type`, and the mean in `normalization` or in `meta.normalization`. Kernels are [height, width,
/// in, out] in the file. Throws FileError as io::read_matlab() does, and naming file and layer for a file that has no
/// such layers.
MatConvNet read_matconvnet(const std::filesystem::path& path);
MatConvNet matconvnet_from(const io::MatlabFile& file);

}  // namespace ludus::vision
