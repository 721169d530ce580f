/// @file
/// Reads MATLAB files of level 5: versions 5 to 7.2, -v6 and -v7 of save.
///
///   128 bytes: text | u16 version 0x0100 | "IM" little-endian or "MI" big-endian
///   elements: u32 type, u32 bytes, data padded to 8; or u16 bytes, u16 type, 4 bytes of data
///
/// Read: numbers of every class, real and complex, logical, characters, cells, structures and arrays of them, nested,
/// compressed or not. Not read: sparse arrays, objects, function handles, and version 7.3, which is HDF5. Source:
/// "MAT-File Format", The MathWorks, chapter 1 (level 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/array.h"
#include "nn/io/byte_stream.h"

namespace ludus::io {

/// A value of MATLAB. Elements are in row-major order of its shape, although the file is column-major.
struct MatlabValue {
  enum class Kind : std::uint8_t { kNumbers, kText, kCell, kStruct };

  Kind kind = Kind::kNumbers;
  Shape shape{0, 0};                          ///< MATLAB's extents, at least two
  Array numbers = {};                         ///< of the class that MATLAB shows; logical is bool
  std::vector<Array> imaginary = {};          ///< one array of the same type and shape if the numbers are complex
  std::string text = {};                      ///< UTF-8, the rows of a character array separated by line ends
  std::vector<std::string> field_names = {};  ///< of a structure
  /// The elements of a cell array, or element by element all fields of a structure array.
  std::vector<MatlabValue> elements = {};

  /// Returns field `name` of element `i` of a structure array. Throws InvalidArgument listing the fields if there is
  /// none of this name, or if this is not a structure with so many elements.
  const MatlabValue& field(std::string_view name, std::size_t i = 0) const;
  bool has_field(std::string_view name) const;
  /// Returns element `i` of a cell array. Throws InvalidArgument if this is not a cell array with so many elements.
  const MatlabValue& cell(std::size_t i) const;

  /// Returns "a 1 x 3 cell array", for messages.
  std::string describe() const;
};

/// The variables of a file, in their order.
struct MatlabFile {
  std::vector<std::pair<std::string, MatlabValue>> variables;

  /// Returns the variable of this name. Throws InvalidArgument listing the names if there is none.
  const MatlabValue& at(std::string_view name) const;
};

/// Limits on what a file may make of a few compressed bytes.
struct MatlabLimits {
  std::uint64_t variable_bytes = std::uint64_t{1} << 31;  ///< of one variable, decompressed; of its numbers, too
  std::uint64_t elements = 1'000'000;                     ///< cells and fields of one variable, together
};

/// Reads a whole file. Throws FileError, naming the file, if it is not of level 5, damaged or truncated, holds
/// something that is not read, nests more than 64 levels deep or exceeds the limits.
MatlabFile read_matlab(const std::filesystem::path& path, const MatlabLimits& limits = {});
MatlabFile read_matlab(ByteStreamPtr stream, const MatlabLimits& limits = {});

}  // namespace ludus::io
