/// @file
/// The elements of a dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/array.h"
#include "base/value.h"

namespace ludus::data {

/// Where an example was read from, for messages: "train.csv:17", "train.tfrecord, record 4".
struct Origin {
  enum class Unit : std::uint8_t { kLine, kRecord, kRow, kFile };

  std::shared_ptr<const std::string> file;  ///< null: not from a file
  std::uint64_t number = 0;                 ///< line from 1, record or row from 0
  Unit unit = Unit::kFile;

  std::string text() const;  ///< "" if it is not from a file
};

/// One element of a dataset: named values in order, mostly arrays.
///
/// Numbers and texts may also be plain values: a label as an integer, a path or the bytes of an image file as a string.
class Example : public Dict {
 public:
  using Dict::Dict;
  Example() = default;
  explicit Example(Dict fields) : Dict(std::move(fields)) {}

  /// Each throws InvalidArgument listing the fields if there is none of this name, and TypeMismatch naming the field if
  /// it holds something else.
  const Array& array(std::string_view name) const;
  Array& array(std::string_view name);
  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;

  Origin origin;  ///< not compared by ==
};

/// Several examples as one: batch() stacks arrays of shape S to one of shape (N, …S), numbers to an array of shape
/// (N,), and collects other values in a list of N.
using Batch = Example;

}  // namespace ludus::data
