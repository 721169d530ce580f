/// @file
/// Reads and writes IDX, the format of the MNIST files.
///
///   0 0 | u8 type | u8 rank | u32 extents… | elements, row-major; everything big-endian
///
/// Types: 8 uint8, 9 int8, 0x0B int16, 0x0C int32, 0x0D float32, 0x0E float64. Source: Y. LeCun, C. Cortes, C. Burges,
/// "The MNIST Database", section "File formats".
#pragma once

#include <filesystem>

#include "base/array.h"
#include "nn/io/array_stream.h"

namespace ludus::io {

/// Opens a file, gzip or plain, for reading row by row. Throws FileError if it is not a valid IDX file.
ArrayStream open_idx(const std::filesystem::path& path);
ArrayStream open_idx(ByteStreamPtr stream);

/// Reads a whole file. Throws FileError as open_idx() does, and if elements are missing or bytes follow them.
Array read_idx(const std::filesystem::path& path);
Array read_idx(ByteStreamPtr stream);

/// Writes a file atomically, compressed if `compression` is kGzip. Throws InvalidArgument for a dtype or an extent that
/// the format does not have; FileError and WriteFailed as write_atomically() does.
void write_idx(const std::filesystem::path& path, const Array& array, Compression compression = Compression::kNone);

}  // namespace ludus::io
