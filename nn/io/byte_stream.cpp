#include "nn/io/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/format.h"

namespace ludus::io {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 18;  // bytes read at once

// A part of a file on disk, read with pread.
class FileStream final : public ByteStream {
 public:
  explicit FileStream(const std::filesystem::path& path) : ByteStream(path.string()) {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) throw FileError(formatted("cannot read {}: {}", name(), std::strerror(errno)));
    struct stat facts {};
    if (::fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      ::close(file_);
      throw FileError(formatted("cannot read {}: it is not an ordinary file", name()));
    }
    end_ = static_cast<std::uint64_t>(facts.st_size);
  }
  FileStream(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t size) : FileStream(path) {
    if (begin > end_ || size > end_ - begin) {
      throw FileError(
          formatted("{}: bytes {} to {} lie outside the file of {} bytes", name(), begin, begin + size, end_));
    }
    position_ = begin;
    end_ = begin + size;
  }
  ~FileStream() override { ::close(file_); }
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;

  std::size_t read(std::span<std::byte> bytes) override {
    bytes = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end_ - position_)));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const ssize_t count = ::pread(file_, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(position_));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw FileError(formatted("cannot read {}: {}", name(), std::strerror(errno)));
      if (count == 0) {  // the file has been truncated since it was opened
        end_ = position_;
        break;
      }
      filled += static_cast<std::size_t>(count);
      position_ += static_cast<std::uint64_t>(count);
    }
    return filled;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min(count, end_ - position_);
    position_ += skipped;
    return skipped;
  }
  std::optional<std::uint64_t> remaining() const override { return end_ - position_; }

 private:
  int file_ = -1;
  std::uint64_t position_ = 0;
  std::uint64_t end_ = 0;
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::span<const std::byte> bytes, std::string name) : ByteStream(std::move(name)), rest_(bytes) {}

  std::size_t read(std::span<std::byte> bytes) override {
    const std::size_t count = std::min(bytes.size(), rest_.size());
    std::copy_n(rest_.begin(), count, bytes.begin());
    rest_ = rest_.subspan(count);
    return count;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(count, rest_.size()));
    rest_ = rest_.subspan(skipped);
    return skipped;
  }
  std::optional<std::uint64_t> remaining() const override { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

// The first bytes of a stream, which were read to find out its compression, then the rest.
class Rejoined final : public ByteStream {
 public:
  Rejoined(std::vector<std::byte> front, ByteStreamPtr rest)
      : ByteStream(rest->name()), front_(std::move(front)), rest_(std::move(rest)) {}

  std::size_t read(std::span<std::byte> bytes) override {
    const std::size_t count = std::min(bytes.size(), front_.size() - used_);
    std::copy_n(front_.begin() + static_cast<std::ptrdiff_t>(used_), count, bytes.begin());
    used_ += count;
    return count + (count < bytes.size() ? rest_->read(bytes.subspan(count)) : 0);
  }
  std::uint64_t skip(std::uint64_t count) override {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(count, front_.size() - used_));
    used_ += skipped;
    return skipped + (skipped < count ? rest_->skip(count - skipped) : 0);
  }
  std::optional<std::uint64_t> remaining() const override {
    const auto rest = rest_->remaining();
    return rest ? std::optional(*rest + (front_.size() - used_)) : std::nullopt;
  }

 private:
  std::vector<std::byte> front_;
  std::size_t used_ = 0;
  ByteStreamPtr rest_;
};

// zlib's window bits, which select the container
enum Container : int { kRaw = -15, kZlibContainer = 15, kGzipContainer = 15 + 16 };

class InflateStream final : public ByteStream {
 public:
  InflateStream(ByteStreamPtr source, Container container)
      : ByteStream(source->name()), source_(std::move(source)), container_(container), input_(kBlock) {
    if (inflateInit2(&zlib_, container) != Z_OK) throw WorkError(formatted("{}: zlib cannot be started", name()));
  }
  ~InflateStream() override { inflateEnd(&zlib_); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;

  std::size_t read(std::span<std::byte> bytes) override {
    std::size_t filled = 0;
    while (filled < bytes.size() && !ended_) {
      if (zlib_.avail_in == 0) refill();
      const std::size_t room =
          std::min<std::size_t>(bytes.size() - filled, std::size_t{1} << 30);  // zlib counts in 32 bits
      zlib_.next_out = reinterpret_cast<Bytef*>(bytes.data() + filled);
      zlib_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&zlib_, Z_NO_FLUSH);
      filled += room - zlib_.avail_out;
      if (status == Z_STREAM_END) {
        end_of_member();
      } else if (status != Z_OK) {
        throw FileError(formatted("{}: the compressed data are damaged ({}); fetch the file again", name(),
                                  zlib_.msg ? zlib_.msg : "unexpected end"));
      }
    }
    return filled;
  }

 private:
  void refill() {
    const std::size_t count = source_->read(input_);
    if (count == 0) throw FileError(formatted("{}: the compressed data are truncated; fetch the file again", name()));
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(count);
  }

  // Another gzip member may follow; anything else is an error.
  void end_of_member() {
    if (zlib_.avail_in == 0) {
      const std::size_t count = source_->read(input_);
      zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
      zlib_.avail_in = static_cast<uInt>(count);
    }
    if (zlib_.avail_in == 0) {
      ended_ = true;
    } else if (container_ != kGzipContainer || *zlib_.next_in != 0x1f) {
      throw FileError(formatted("{}: bytes follow the end of the compressed data; fetch the file again", name()));
    } else {
      inflateReset(&zlib_);
    }
  }

  ByteStreamPtr source_;
  Container container_;
  std::vector<std::byte> input_;
  z_stream zlib_{};
  bool ended_ = false;
};

std::string deflate_all(std::string_view bytes, Container container) {
  z_stream zlib{};
  if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, container, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw WorkError("zlib cannot be started");
  }
  std::string out;
  std::vector<char> block(kBlock);
  int status = Z_OK;
  while (status == Z_OK) {
    if (zlib.avail_in == 0 && !bytes.empty()) {
      const std::size_t count = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
      zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      zlib.avail_in = static_cast<uInt>(count);
      bytes.remove_prefix(count);
    }
    zlib.next_out = reinterpret_cast<Bytef*>(block.data());
    zlib.avail_out = static_cast<uInt>(block.size());
    status = deflate(&zlib, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
    out.append(block.data(), block.size() - zlib.avail_out);
  }
  deflateEnd(&zlib);
  if (status != Z_STREAM_END) throw WorkError("zlib cannot compress the data");
  return out;
}

// Replaces kAuto by what the first bytes say: gzip begins with 1f 8b 08.
ByteStreamPtr detect(ByteStreamPtr stream) {
  std::vector<std::byte> front(3);
  front.resize(stream->read(front));
  const bool gzip = front == std::vector{std::byte{0x1f}, std::byte{0x8b}, std::byte{0x08}};
  auto whole = std::make_unique<Rejoined>(std::move(front), std::move(stream));
  if (!gzip) return whole;
  return std::make_unique<InflateStream>(std::move(whole), kGzipContainer);
}

}  // namespace

std::uint64_t ByteStream::skip(std::uint64_t count) {
  std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(count, kBlock)));
  std::uint64_t skipped = 0;
  while (skipped < count) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count - skipped, block.size()));
    const std::size_t got = read(std::span(block).first(part));
    skipped += got;
    if (got < part) break;
  }
  return skipped;
}

ByteStreamPtr decompressed(ByteStreamPtr stream, Compression compression) {
  switch (compression) {
    case Compression::kAuto: return detect(std::move(stream));
    case Compression::kGzip: return std::make_unique<InflateStream>(std::move(stream), kGzipContainer);
    case Compression::kZlib: return std::make_unique<InflateStream>(std::move(stream), kZlibContainer);
    case Compression::kNone: break;
  }
  return stream;
}

ByteStreamPtr inflated(ByteStreamPtr stream) {
  return std::make_unique<InflateStream>(std::move(stream), kRaw);
}

ByteStreamPtr open_file(const std::filesystem::path& path, Compression compression) {
  return decompressed(std::make_unique<FileStream>(path), compression);
}

ByteStreamPtr open_part_of_file(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t size) {
  return std::make_unique<FileStream>(path, begin, size);
}

ByteStreamPtr open_memory(std::span<const std::byte> bytes, std::string name, Compression compression) {
  return decompressed(std::make_unique<MemoryStream>(bytes, std::move(name)), compression);
}

ByteStreamPtr open_memory(std::string_view bytes, std::string name, Compression compression) {
  return open_memory(std::as_bytes(std::span(bytes)), std::move(name), compression);
}

void read_exactly(ByteStream& stream, std::span<std::byte> bytes, std::string_view what) {
  const std::size_t count = stream.read(bytes);
  if (count == bytes.size()) return;
  throw FileError(formatted("{}: truncated in {}: {} bytes expected, {} left; fetch the file again", stream.name(),
                            what, bytes.size(), count));
}

std::string read_claimed(ByteStream& stream, std::uint64_t count, std::string_view what) {
  if (const auto remaining = stream.remaining(); remaining && count > *remaining) {
    throw FileError(formatted("{}: truncated in {}: {} bytes expected, {} left; fetch the file again", stream.name(),
                              what, count, *remaining));
  }
  std::string bytes;
  constexpr std::uint64_t kStep = std::uint64_t{1} << 24;
  // without a known end, memory grows with what has been read
  if (stream.remaining()) bytes.reserve(static_cast<std::size_t>(count));
  while (bytes.size() < count) {
    const std::size_t filled = bytes.size();
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(count - filled, kStep));
    bytes.resize(filled + part);
    const std::size_t got = stream.read(std::as_writable_bytes(std::span(bytes)).subspan(filled));
    if (got < part) {
      throw FileError(formatted("{}: truncated in {}: {} bytes expected, {} left; fetch the file again", stream.name(),
                                what, count, filled + got));
    }
  }
  return bytes;
}

std::string read_rest(ByteStream& stream) {
  std::string bytes;
  if (const auto remaining = stream.remaining()) bytes.reserve(static_cast<std::size_t>(*remaining));
  while (true) {
    const std::size_t filled = bytes.size();
    bytes.resize(filled + kBlock);
    const std::size_t got = stream.read(std::as_writable_bytes(std::span(bytes)).subspan(filled));
    bytes.resize(filled + got);
    if (got < kBlock) return bytes;
  }
}

std::string compressed(std::string_view bytes, Compression compression) {
  switch (compression) {
    case Compression::kGzip: return deflate_all(bytes, kGzipContainer);
    case Compression::kZlib: return deflate_all(bytes, kZlibContainer);
    case Compression::kAuto:
    case Compression::kNone: break;
  }
  return std::string(bytes);
}

std::string deflated(std::string_view bytes) {
  return deflate_all(bytes, kRaw);
}

}  // namespace ludus::io
