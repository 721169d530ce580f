#include "nn/io/array_stream.h"

#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "base/half.h"

namespace ludus::io {
namespace {

std::string text_of(const std::vector<std::int64_t>& extents) {
  std::string text = "(";
  for (const std::int64_t extent : extents) text += (text.size() > 1 ? ", " : "") + formatted("{}", extent);
  return text + ")";
}

}  // namespace

std::uint64_t checked_elements(const std::vector<std::int64_t>& extents, std::size_t element_bytes,
                               std::string_view file) {
  if (extents.size() > Shape::kMaxRank) {
    throw FileError(
        formatted("{}: the array has {} dimensions; at most {} are read", file, extents.size(), Shape::kMaxRank));
  }
  // the product must not overflow, not even before an extent of zero
  std::uint64_t bytes = element_bytes;
  std::uint64_t elements = 1;
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 60;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || (extent > 0 && bytes > kLargest / static_cast<std::uint64_t>(extent))) {
      throw FileError(
          formatted("{}: the header claims an array of shape {}, which no memory can hold", file, text_of(extents)));
    }
    bytes *= static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 1));
    elements *= static_cast<std::uint64_t>(extent);
  }
  return elements;
}

ArrayStream::ArrayStream(ByteStreamPtr stream, StoredType type, const std::vector<std::int64_t>& extents)
    : stream_(std::move(stream)), type_(type) {
  checked_elements(extents, type.bytes, name());
  shape_ = Shape(std::span<const std::int64_t>(extents));
  rows_ = extents.empty() ? 1 : static_cast<std::uint64_t>(extents[0]);
  row_shape_ = extents.empty() ? Shape{} : Shape(std::span<const std::int64_t>(extents).subspan(1));
  row_bytes_ = row_shape_.elements() * type.bytes;
  if (const auto remaining = stream_->remaining(); remaining && rows_ * row_bytes_ > *remaining) {
    throw FileError(
        formatted("{}: truncated: the header claims an array of shape {} in {} bytes, but {} bytes follow; "
                  "fetch the file again",
                  name(), shape_.to_string(), rows_ * row_bytes_, *remaining));
  }
}

// Converts stored elements to those of `array`, which has as many.
void ArrayStream::convert(std::span<const std::byte> stored, Array& array) const {
  const std::span<std::byte> bytes = array.bytes();
  if (type_.half) {
    const std::span<float> numbers = array.data<float>();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::uint16_t half = 0;
      std::memcpy(&half, stored.data() + 2 * i, sizeof half);
      if (type_.big_endian) half = static_cast<std::uint16_t>((half << 8) | (half >> 8));
      numbers[i] = half_to_float(half);
    }
    return;
  }
  if (type_.dtype == DType::kBool) {  // any other byte than 0 is true, as for NumPy
    std::transform(stored.begin(), stored.end(), bytes.begin(),
                   [](std::byte byte) { return byte == std::byte{0} ? std::byte{0} : std::byte{1}; });
    return;
  }
  std::copy(stored.begin(), stored.end(), bytes.begin());
  if (type_.big_endian && type_.bytes > 1) {
    for (std::size_t at = 0; at < bytes.size(); at += type_.bytes) {
      std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   bytes.begin() + static_cast<std::ptrdiff_t>(at + type_.bytes));
    }
  }
}

bool ArrayStream::next(Array& row) {
  if (rows_read_ == rows_) return false;
  if (stored_.size() != row_bytes_) {
    // the first row: without a known end, its length is only a claim
    const std::string first = read_claimed(*stream_, row_bytes_, formatted("row {}", rows_read_));
    const auto bytes = std::as_bytes(std::span(first));
    stored_.assign(bytes.begin(), bytes.end());
  } else {
    read_exactly(*stream_, stored_, formatted("row {}", rows_read_));
  }
  row = Array(type_.dtype, row_shape_);
  convert(stored_, row);
  ++rows_read_;
  return true;
}

std::uint64_t ArrayStream::skip(std::uint64_t count) {
  count = std::min(count, rows_ - rows_read_);
  if (stream_->skip(count * row_bytes_) != count * row_bytes_) {
    throw FileError(
        formatted("{}: truncated: fewer than the {} rows that its header claims; fetch the file again", name(), rows_));
  }
  rows_read_ += count;
  return count;
}

Array ArrayStream::read_all() {
  const std::string stored =
      read_claimed(*stream_, rows_ * row_bytes_, formatted("an array of shape {}", shape_.to_string()));
  rows_read_ = rows_;
  Array array(type_.dtype, shape_);
  convert(std::as_bytes(std::span(stored)), array);
  return array;
}

void ArrayStream::expect_end() {
  if (stream_->skip(1) == 0) return;
  throw FileError(formatted("{}: bytes follow the array of shape {} that the header describes; fetch the file again",
                            name(), shape_.to_string()));
}

}  // namespace ludus::io
