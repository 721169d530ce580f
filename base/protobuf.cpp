#include "base/protobuf.h"

#include "base/format.h"

namespace ludus {
namespace {

std::string_view take(std::string_view& bytes, std::uint64_t count) {
  if (count > bytes.size()) {
    throw ProtobufError(
        formatted("protocol buffer: a field of {} bytes is truncated; only {} bytes follow", count, bytes.size()));
  }
  const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(count));
  bytes.remove_prefix(taken.size());
  return taken;
}

}  // namespace

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(take(bytes, 1).front());
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;  // of the tenth byte, one bit counts
    if (!(byte & 0x80)) return number;
  }
  throw ProtobufError("protocol buffer: a variable-length integer has more than ten bytes");
}

std::optional<ProtobufReader::Field> ProtobufReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = take_varint(rest_);
  Field field;
  field.type = static_cast<WireType>(tag & 7);
  if (tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) {
    throw ProtobufError(formatted("protocol buffer: field numbers are 1 to 536870911, got {}", tag >> 3));
  }
  field.id = static_cast<std::uint32_t>(tag >> 3);
  switch (field.type) {
    case WireType::kVarint: field.number = take_varint(rest_); return field;
    case WireType::kFixed64: field.bytes = take(rest_, 8); return field;
    case WireType::kBytes: field.bytes = take(rest_, take_varint(rest_)); return field;
    case WireType::kFixed32: field.bytes = take(rest_, 4); return field;
  }
  throw ProtobufError(
      formatted("protocol buffer: wire types are 0, 1, 2 and 5, got {} in field {}", tag & 7, field.id));
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>((number & 0x7F) | 0x80));
  out.push_back(static_cast<char>(number));
}

void put_tag(std::string& out, std::uint32_t field, WireType type) {
  put_varint(out, (static_cast<std::uint64_t>(field) << 3) | static_cast<std::uint32_t>(type));
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
  put_tag(out, field, WireType::kBytes);
  put_varint(out, bytes.size());
  out.append(bytes);
}

}  // namespace ludus
