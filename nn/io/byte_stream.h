/// @file
/// Bytes of a file read from front to back, decompressed on the way. Every reader of nn/io reads from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ludus::io {

enum class Compression : std::uint8_t {
  kAuto,  ///< gzip if the data begin with its three magic bytes, else none
  kNone,
  kGzip,  ///< RFC 1952, any number of members
  kZlib,  ///< RFC 1950
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Fills `bytes` and returns how many were read; fewer than bytes.size() only at the end. Throws FileError if the
  /// file cannot be read or its compressed data are damaged or truncated.
  virtual std::size_t read(std::span<std::byte> bytes) = 0;

  /// Skips up to `count` bytes and returns how many there were. Files that are not compressed seek.
  virtual std::uint64_t skip(std::uint64_t count);

  /// Returns the number of bytes up to the end, nullopt if only reading tells (compressed data, pipes).
  virtual std::optional<std::uint64_t> remaining() const { return std::nullopt; }

  /// Returns the name for messages, usually the path.
  const std::string& name() const { return name_; }

 protected:
  explicit ByteStream(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

using ByteStreamPtr = std::unique_ptr<ByteStream>;

/// Opens a file. Throws FileError if it cannot be opened or is a folder.
ByteStreamPtr open_file(const std::filesystem::path& path, Compression compression = Compression::kAuto);

/// Opens the bytes [begin, begin + size) of a file as they are.
ByteStreamPtr open_part_of_file(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t size);

/// Opens bytes in memory, which must outlive the stream. `name` is used in messages.
ByteStreamPtr open_memory(std::span<const std::byte> bytes, std::string name,
                          Compression compression = Compression::kAuto);
ByteStreamPtr open_memory(std::string_view bytes, std::string name, Compression compression = Compression::kAuto);

/// Decompress a stream; inflated() reads raw deflate data (RFC 1951), the form inside ZIP archives.
ByteStreamPtr decompressed(ByteStreamPtr compressed, Compression compression);
ByteStreamPtr inflated(ByteStreamPtr deflated);

/// Fills `bytes` completely. Throws FileError "NAME: truncated in WHAT: …" if the stream ends before.
void read_exactly(ByteStream& stream, std::span<std::byte> bytes, std::string_view what);

/// Reads exactly `count` bytes, the length of which the file claims: allocates no more than the file turns out to have,
/// plus one block. Throws FileError as read_exactly() does.
std::string read_claimed(ByteStream& stream, std::uint64_t count, std::string_view what);

/// Reads everything up to the end.
std::string read_rest(ByteStream& stream);

/// Compresses `bytes` as one member of gzip, or as zlib data. kNone and kAuto return a copy.
std::string compressed(std::string_view bytes, Compression compression);

/// Compresses `bytes` by raw deflate.
std::string deflated(std::string_view bytes);

}  // namespace ludus::io
