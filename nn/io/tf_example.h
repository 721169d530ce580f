/// @file
/// tf.Example, the message inside most TFRecord files: named lists of byte strings, floats or integers.
///
///   Example {1: Features {1: map of string to Feature}}, Feature {1: BytesList | 2: FloatList |
///   3: Int64List}, each list {1: repeated value, numbers packed or not}
///
/// Source: tensorflow/core/example/example.proto and feature.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace ludus::io {

using BytesList = std::vector<std::string>;
using FloatList = std::vector<float>;
using Int64List = std::vector<std::int64_t>;

/// A feature without a list (as TensorFlow writes for a missing value) is std::monostate.
using Feature = std::variant<std::monostate, BytesList, FloatList, Int64List>;

/// The features of one example, with unique names.
using TfExample = std::vector<std::pair<std::string, Feature>>;

/// Throws FileError if `message` is not a tf.Example or has more than 10,000 features. Unknown fields are skipped; of
/// two features with one name the last counts, as protocol buffers define it.
TfExample parse_tf_example(std::string_view message);

/// Returns the message, with the features in their order and the numbers packed.
std::string to_tf_example(const TfExample& example);

}  // namespace ludus::io
