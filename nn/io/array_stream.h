/// @file
/// An array in a file, read whole or row by row: what readers of IDX and NPY have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/array.h"
#include "nn/io/byte_stream.h"

namespace ludus::io {

/// The form in which a file stores the elements of an array.
struct StoredType {
  DType dtype = DType::kFloat32;  ///< after reading
  std::size_t bytes = 4;          ///< of one stored element
  bool big_endian = false;
  bool half = false;  ///< 16-bit floating-point numbers, which become float32
};

/// Returns the number of elements of a shape that a file claims. Throws FileError, naming `file`, if the shape has more
/// than Shape::kMaxRank dimensions, or if its elements of `element_bytes` would exceed 2^60 bytes.
std::uint64_t checked_elements(const std::vector<std::int64_t>& extents, std::size_t element_bytes,
                               std::string_view file);

/// The elements of an array in row-major order, from the current position of a stream on. The first extent counts rows:
/// an array of shape (60000, 28, 28) has 60000 rows of shape (28, 28).
class ArrayStream {
 public:
  /// Throws FileError as checked_elements() does, and if the stream is known to be shorter than the array.
  ArrayStream(ByteStreamPtr stream, StoredType type, const std::vector<std::int64_t>& extents);

  DType dtype() const { return type_.dtype; }
  const Shape& shape() const { return shape_; }
  const std::string& name() const { return stream_->name(); }

  /// Number of rows, and the shape of one. Rank 0 has a single row.
  std::uint64_t rows() const { return rows_; }
  const Shape& row_shape() const { return row_shape_; }
  std::uint64_t rows_read() const { return rows_read_; }

  /// Reads the next row. Returns false after the last. Throws FileError if the file is truncated.
  bool next(Array& row);
  /// Skips up to `count` rows and returns how many there were.
  std::uint64_t skip(std::uint64_t count);

  /// Reads the whole array; no row must have been read before. Allocates no more than the file turns out to have, plus
  /// one block. Throws FileError if the file is truncated.
  Array read_all();
  /// Throws FileError if bytes follow the last row.
  void expect_end();

 private:
  void convert(std::span<const std::byte> stored, Array& array) const;

  ByteStreamPtr stream_;
  StoredType type_;
  Shape shape_;
  Shape row_shape_;
  std::uint64_t rows_ = 0;
  std::uint64_t row_bytes_ = 0;  // stored
  std::uint64_t rows_read_ = 0;
  std::vector<std::byte> stored_;  // one row as stored
};

}  // namespace ludus::io
