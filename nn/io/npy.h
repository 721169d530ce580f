/// @file
/// Reads and writes NPY, NumPy's format for one array, and NPZ, its archives of named arrays.
///
///   byte 0x93, NUMPY | u8 major, u8 minor | u16 (version 1) or u32 (2, 3) header length | header | elements
///
/// The header is a Python dictionary, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, padded with spaces
/// and a line end.
///
/// An NPZ file is a ZIP archive of NAME.npy, stored or deflated. Source: numpy/lib/format.py; PKWARE's APPNOTE.TXT 6.3.
/// Read: bool, integers of 8 to 64 bits, floating point of 16 (widened to float32), 32 and 64 bits, either byte order.
/// Not read: complex numbers, texts, dates, records, Python objects.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/array.h"
#include "base/named_arrays.h"
#include "nn/io/array_stream.h"

namespace ludus::io {

/// Opens a file for reading row by row. An array in Fortran order is read into memory first, because its rows are
/// spread over the file. Throws FileError if it is not a valid NPY file or holds elements that are not read here.
ArrayStream open_npy(const std::filesystem::path& path);
ArrayStream open_npy(ByteStreamPtr stream);

/// Reads a whole file. Throws FileError as open_npy() does, and if elements are missing or bytes follow them.
Array read_npy(const std::filesystem::path& path);
Array read_npy(ByteStreamPtr stream);

/// Writes version 1.0, little-endian, C order, atomically. Throws FileError and WriteFailed as write_atomically() does.
void write_npy(const std::filesystem::path& path, const Array& array);
/// Returns the bytes that write_npy() writes.
std::string to_npy(const Array& array);

/// The arrays of an NPZ file. The directory is read on construction, each array on request.
class NpzReader {
 public:
  /// Throws FileError if the file cannot be read or is not a ZIP archive that NumPy could have written.
  explicit NpzReader(const std::filesystem::path& path);

  /// Names without the ending .npy, in the order of the archive.
  std::vector<std::string> names() const;
  bool contains(std::string_view name) const;

  /// Opens an array for reading row by row; the checksum of the archive is not verified. Throws InvalidArgument listing
  /// the names if there is none of this name; FileError as open_npy() does.
  ArrayStream open(std::string_view name) const;
  /// Reads a whole array and verifies the checksum. Throws as open() does.
  Array read(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    std::uint16_t method = 0;      // 0 stored, 8 deflated
    std::uint32_t crc = 0;         // CRC-32 of the decompressed bytes
    std::uint64_t compressed = 0;  // bytes
    std::uint64_t size = 0;        // bytes, decompressed
    std::uint64_t header = 0;      // where the local header begins
  };
  const Entry& entry(std::string_view name) const;
  ByteStreamPtr stream_of(const Entry& entry) const;

  std::filesystem::path path_;
  std::vector<Entry> entries_;
};

/// Reads all arrays of an NPZ file. Throws as NpzReader does.
NamedArrays read_npz(const std::filesystem::path& path);

/// Writes an archive atomically, deflated if `deflate`. Throws InvalidArgument for a name that is empty or duplicated,
/// or an array of 4 GiB or more; FileError and WriteFailed as write_atomically() does.
void write_npz(const std::filesystem::path& path, const NamedArrays& arrays, bool deflate = false);

}  // namespace ludus::io
