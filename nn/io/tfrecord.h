/// @file
/// Reads and writes TFRecord, TensorFlow's file of byte records.
///
///   (u64 length | u32 masked CRC-32C of it | data | u32 masked CRC-32C of them)…, little-endian, the file optionally
///   compressed as a whole by gzip or zlib
///
/// Source: tensorflow/core/lib/io/record_writer.h.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/io/byte_stream.h"

namespace ludus::io {

/// A record is damaged. The message names the file, the record and its first byte.
class BrokenRecord : public FileError {
 public:
  BrokenRecord(const std::string& message, bool last) : FileError(message), last_(last) {}
  /// Whether no record can be read after it: its length is damaged, or the file ends within it.
  bool last() const { return last_; }

 private:
  bool last_;
};

class TfRecordReader {
 public:
  /// Records longer than this are taken for damaged.
  static constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 31;

  /// kAuto: gzip if the file begins as gzip does and not as a record. Throws FileError if the file cannot be read.
  explicit TfRecordReader(const std::filesystem::path& path, Compression compression = Compression::kAuto);
  /// `stream` gives decompressed bytes.
  explicit TfRecordReader(ByteStreamPtr stream);

  /// Reads the next record; `record` is valid until the next call. Returns false at the end of the file. Throws
  /// BrokenRecord for wrong checksums and truncation; unless it was the last, the next call continues with the record
  /// after it.
  bool next(std::string_view& record);

  /// Number of records before the next one, broken ones included, and the position of the next one in decompressed
  /// bytes.
  std::uint64_t records() const { return records_; }
  std::uint64_t position() const { return position_; }
  const std::string& name() const { return stream_->name(); }

 private:
  bool require(std::size_t bytes);  // whether the buffer holds as many bytes from used_ on
  [[noreturn]] void fail(const std::string& fault, bool last);

  ByteStreamPtr stream_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t position_ = 0;
  bool ended_ = false;
};

/// Writes records one by one.
class TfRecordWriter {
 public:
  /// Creates or replaces the file. kAuto and kNone write it uncompressed. Throws FileError if it cannot be written.
  explicit TfRecordWriter(const std::filesystem::path& path, Compression compression = Compression::kNone);
  /// Closes the file, ignoring errors: call close() to learn of them.
  ~TfRecordWriter();
  TfRecordWriter(TfRecordWriter&&) noexcept;
  TfRecordWriter& operator=(TfRecordWriter&&) noexcept;

  /// Each throws WriteFailed if the disk is full or fails.
  void write(std::string_view record);
  void close();

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace ludus::io
