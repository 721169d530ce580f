#include "nn/io/idx.h"

#include <array>
#include <limits>
#include <optional>

#include "base/file.h"
#include "base/format.h"

namespace ludus::io {
namespace {

struct IdxType {
  std::uint8_t code;
  DType dtype;
};
constexpr std::array<IdxType, 6> kTypes{{{0x08, DType::kUInt8},
                                         {0x09, DType::kInt8},
                                         {0x0B, DType::kInt16},
                                         {0x0C, DType::kInt32},
                                         {0x0D, DType::kFloat32},
                                         {0x0E, DType::kFloat64}}};

std::optional<DType> dtype_of_code(std::uint8_t code) {
  for (const IdxType& type : kTypes) {
    if (type.code == code) return type.dtype;
  }
  return std::nullopt;
}

void put_big_endian(std::string& out, const std::byte* number, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<char>(number[i]));
}

}  // namespace

ArrayStream open_idx(ByteStreamPtr stream) {
  std::array<std::uint8_t, 4> magic{};
  read_exactly(*stream, std::as_writable_bytes(std::span(magic)), "the first 4 bytes of an IDX file");
  const std::optional<DType> dtype = dtype_of_code(magic[2]);
  if (magic[0] != 0 || magic[1] != 0 || !dtype) {
    throw FileError(
        formatted("{}: not an IDX file: it must begin with 0, 0 and a type (8, 9, 11, 12, 13 or 14), got {}, "
                  "{}, {}",
                  stream->name(), magic[0], magic[1], magic[2]));
  }
  std::vector<std::int64_t> extents;
  for (int axis = 0; axis < magic[3]; ++axis) {
    std::array<std::uint8_t, 4> extent{};
    read_exactly(*stream, std::as_writable_bytes(std::span(extent)), "the extents of an IDX file");
    extents.push_back((std::int64_t{extent[0]} << 24) | (extent[1] << 16) | (extent[2] << 8) | extent[3]);
  }
  return {std::move(stream), {.dtype = *dtype, .bytes = size_of(*dtype), .big_endian = true}, extents};
}

ArrayStream open_idx(const std::filesystem::path& path) {
  return open_idx(open_file(path));
}

namespace {

Array read_all_of(ArrayStream stream) {
  Array array = stream.read_all();
  stream.expect_end();
  return array;
}

}  // namespace

Array read_idx(ByteStreamPtr stream) {
  return read_all_of(open_idx(std::move(stream)));
}

Array read_idx(const std::filesystem::path& path) {
  return read_all_of(open_idx(path));
}

void write_idx(const std::filesystem::path& path, const Array& array, Compression compression) {
  std::string out{0, 0};
  for (const IdxType& type : kTypes) {
    if (type.dtype == array.dtype()) out.push_back(static_cast<char>(type.code));
  }
  if (out.size() == 2) {
    throw InvalidArgument(
        formatted("{}: IDX holds uint8, int8, int16, int32, float32 and float64, not {}; cast the array", path.string(),
                  name_of(array.dtype())));
  }
  out.push_back(static_cast<char>(array.shape().rank()));
  for (const std::int64_t extent : array.shape()) {
    if (extent > std::numeric_limits<std::uint32_t>::max()) {
      throw InvalidArgument(formatted("{}: an extent of IDX is below 2^32, got {}", path.string(), extent));
    }
    const auto narrow = static_cast<std::uint32_t>(extent);
    put_big_endian(out, reinterpret_cast<const std::byte*>(&narrow), sizeof narrow);
  }
  const std::size_t size = size_of(array.dtype());
  const std::span<const std::byte> bytes = array.bytes();
  out.reserve(out.size() + bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += size) put_big_endian(out, bytes.data() + at, size);
  write_atomically(path, compressed(out, compression));
}

}  // namespace ludus::io
