/// @file
/// Datasets of arrays, in memory or in files of IDX, NPY and NPZ. Element i holds row i of every array. Files are read
/// row by row, so they may be larger than memory; only NPY arrays in Fortran order are read whole.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/named_arrays.h"
#include "nn/data/dataset.h"

namespace ludus::data {

/// A field and the file that holds its rows.
using NamedFile = std::pair<std::string, std::filesystem::path>;

/// Each throws InvalidArgument if there is no array, a name occurs twice, an array has rank 0, or the arrays differ in
/// their number of rows; FileError if a file is missing or not of its format. Elements are arrays of the shape of a
/// row: labels of shape (60000,) give arrays of shape (), and after batch() of shape (N,).
Dataset from_arrays(NamedArrays arrays);
Dataset from_idx(const std::vector<NamedFile>& files);
Dataset from_npy(const std::vector<NamedFile>& files);
/// All arrays of an archive, or those of `names` in their order.
Dataset from_npz(const std::filesystem::path& path, const std::vector<std::string>& names = {});

/// The fields "image" and "label", as MNIST has them.
Dataset from_idx(const std::filesystem::path& images, const std::filesystem::path& labels);

}  // namespace ludus::data
