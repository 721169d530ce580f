#include "nn/io/tfrecord.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/format.h"
#include "base/protobuf.h"

namespace ludus::io {
namespace {

constexpr std::size_t kLengthBytes = 8, kChecksumBytes = 4;
constexpr std::size_t kHeaderBytes = kLengthBytes + kChecksumBytes;
constexpr std::size_t kBlock = std::size_t{1} << 18;  // bytes

template <class Number>
Number number_at(const char* bytes) {
  Number number{};
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

bool is_intact(std::string_view bytes, const char* checksum) {
  return number_at<std::uint32_t>(checksum) == masked_crc(crc32c(bytes));
}

// A record of 35615 bytes (modulo 65536) begins as gzip does, so the checksum of the first length decides.
ByteStreamPtr open_records(const std::filesystem::path& path, Compression compression) {
  if (compression == Compression::kAuto) {
    std::array<char, kHeaderBytes> start{};
    const std::size_t count = open_file(path, Compression::kNone)->read(std::as_writable_bytes(std::span(start)));
    const bool record = count == start.size() && is_intact({start.data(), kLengthBytes}, start.data() + kLengthBytes);
    if (record) compression = Compression::kNone;
  }
  return open_file(path, compression);
}

}  // namespace

TfRecordReader::TfRecordReader(const std::filesystem::path& path, Compression compression)
    : TfRecordReader(open_records(path, compression)) {}

TfRecordReader::TfRecordReader(ByteStreamPtr stream) : stream_(std::move(stream)), buffer_(kBlock) {}

// The buffer grows only with bytes that are there: a damaged length must not take memory.
bool TfRecordReader::require(std::size_t bytes) {
  while (filled_ - used_ < bytes && !ended_) {
    if (used_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used_),
                buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
      filled_ -= used_;
      used_ = 0;
    }
    if (filled_ == buffer_.size())
      buffer_.resize(std::min(2 * buffer_.size(), std::max(bytes, buffer_.size() + kBlock)));
    const std::size_t got = stream_->read(std::as_writable_bytes(std::span(buffer_)).subspan(filled_));
    if (got < buffer_.size() - filled_) ended_ = true;
    filled_ += got;
  }
  return filled_ - used_ >= bytes;
}

bool TfRecordReader::next(std::string_view& record) {
  if (!require(1)) return false;
  if (!require(kHeaderBytes)) fail("the file is truncated in its header", true);
  const char* header = buffer_.data() + used_;
  const auto length = number_at<std::uint64_t>(header);
  if (!is_intact({header, kLengthBytes}, header + kLengthBytes)) {
    fail("the checksum of its length is wrong: it is damaged, or this is not a TFRecord file", true);
  }
  if (length > kMaxRecordBytes) fail(formatted("its length of {} bytes exceeds {}", length, kMaxRecordBytes), true);
  const std::size_t total = kHeaderBytes + static_cast<std::size_t>(length) + kChecksumBytes;
  if (!require(total)) {
    fail(formatted("the file is truncated: {} bytes expected, {} left", total, filled_ - used_), true);
  }
  record = std::string_view(buffer_.data() + used_ + kHeaderBytes, static_cast<std::size_t>(length));
  const bool intact = is_intact(record, record.data() + record.size());
  if (!intact) {
    const std::string fault = "the checksum of its data is wrong";
    used_ += total;
    const BrokenRecord error(formatted("{}: record {} at byte {}: {}", name(), records_, position_, fault), false);
    position_ += total;
    ++records_;
    throw error;
  }
  used_ += total;
  position_ += total;
  ++records_;
  return true;
}

void TfRecordReader::fail(const std::string& fault, bool last) {
  used_ = filled_ = 0;  // nothing can be read after it
  ended_ = true;
  throw BrokenRecord(formatted("{}: record {} at byte {}: {}", name(), records_, position_, fault), last);
}

// A file that is compressed on the way, if it is.
class TfRecordWriter::File {
 public:
  File(const std::filesystem::path& path, Compression compression) : name_(path.string()) {
    file_ = std::fopen(path.c_str(), "wbe");
    if (!file_) {
      throw FileError(
          formatted("cannot write {}: {}; choose a place that can be written", name_, std::strerror(errno)));
    }
    const bool compress = compression == Compression::kGzip || compression == Compression::kZlib;
    const int window = compression == Compression::kGzip ? 15 + 16 : 15;
    if (compress) {
      compressed_ = true;
      block_.resize(kBlock);
      if (deflateInit2(&zlib_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        std::fclose(file_);
        throw WorkError(formatted("{}: zlib cannot be started", name_));
      }
    }
  }
  ~File() {
    if (compressed_) deflateEnd(&zlib_);
    if (file_) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void put(std::string_view bytes) {
    if (!compressed_) return put_raw(bytes);
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, std::size_t{1} << 30);  // zlib counts in 32 bits
      bytes.remove_prefix(part.size());
      deflate_part(part, Z_NO_FLUSH);
    }
  }
  void close() {
    if (compressed_) deflate_part({}, Z_FINISH);
    std::FILE* const file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0) fail();
  }

 private:
  void deflate_part(std::string_view part, int flush) {
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    zlib_.avail_in = static_cast<uInt>(part.size());
    do {
      zlib_.next_out = reinterpret_cast<Bytef*>(block_.data());
      zlib_.avail_out = static_cast<uInt>(block_.size());
      deflate(&zlib_, flush);
      put_raw({block_.data(), block_.size() - zlib_.avail_out});
    } while (zlib_.avail_out == 0);
  }
  void put_raw(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail();
  }
  [[noreturn]] void fail() const {
    throw WriteFailed(formatted("cannot write {}: {}; free some space and run again", name_, std::strerror(errno)));
  }

  std::string name_;
  std::FILE* file_ = nullptr;
  bool compressed_ = false;
  z_stream zlib_{};
  std::vector<char> block_;
};

TfRecordWriter::TfRecordWriter(const std::filesystem::path& path, Compression compression)
    : file_(std::make_unique<File>(path, compression)) {}

TfRecordWriter::~TfRecordWriter() {
  try {
    close();
  } catch (const Error&) {  // close() reports it to those who call it
  }
}

TfRecordWriter::TfRecordWriter(TfRecordWriter&&) noexcept = default;
TfRecordWriter& TfRecordWriter::operator=(TfRecordWriter&&) noexcept = default;

void TfRecordWriter::write(std::string_view record) {
  if (!file_) throw InvalidArgument("TfRecordWriter::write: the file is closed");
  std::string header;
  put_fixed(header, static_cast<std::uint64_t>(record.size()));
  put_fixed(header, masked_crc(crc32c(header)));
  std::string checksum;
  put_fixed(checksum, masked_crc(crc32c(record)));
  file_->put(header);
  file_->put(record);
  file_->put(checksum);
}

void TfRecordWriter::close() {
  if (!file_) return;
  const std::unique_ptr<File> file = std::move(file_);
  file->close();
}

}  // namespace ludus::io
