/// @file
/// Datasets of TFRecord files, and tf.Example to and from examples.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nn/data/dataset.h"
#include "nn/io/byte_stream.h"
#include "nn/io/tf_example.h"

namespace ludus::data {

struct TfRecordOptions {
  io::Compression compression = io::Compression::kAuto;
  /// A record with a wrong checksum or, for from_tf_example(), with other content than a tf.Example. After a damaged
  /// length nothing more of a file can be read; this too is reported in one line.
  BrokenRecords broken = {};
};

/// The records of the files one after the other, as bytes in the field "record".
Dataset from_tfrecord(const std::filesystem::path& path, TfRecordOptions options = {});
Dataset from_tfrecord(const std::vector<std::filesystem::path>& paths, TfRecordOptions options = {});

/// The tf.Examples of the files one after the other, converted by to_example().
Dataset from_tf_example(const std::filesystem::path& path, TfRecordOptions options = {});
Dataset from_tf_example(const std::vector<std::filesystem::path>& paths, TfRecordOptions options = {});

/// Converts the features to fields: floats to a float32 array of shape (n), integers to an int64 array of shape (n),
/// one byte string to a string, several to a list of strings, a feature without a list to null.
Example to_example(const io::TfExample& features);

/// Converts the fields to features: strings and lists of strings to bytes, floating-point numbers and arrays to floats,
/// integers, bools and their arrays to integers; arrays lose their shape. Throws TypeMismatch naming the field for
/// anything else, and for a uint64 above the range of int64.
io::TfExample to_features(const Example& example);

/// Returns the numbers in `bytes`, little-endian, in the given shape (TensorFlow's decode_raw and reshape). Throws
/// InvalidArgument if their length does not match.
Array decode_raw(std::string_view bytes, DType dtype, const Shape& shape);

}  // namespace ludus::data
