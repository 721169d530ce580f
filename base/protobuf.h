// The wire format of protocol buffers, read and written field by field without generated code.
//
//   message = (tag, content)…; tag = varint of (field number << 3 | wire type)
//
// Source: protobuf.dev, "Encoding". Used for TensorBoard's events and for tf.Example.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ludus {

/// The bytes are not a message in the wire format of protocol buffers.
class ProtobufError : public InputError {
 public:
  using InputError::InputError;
};

enum class WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// Reads the fields of one message in order. The message must outlive the reader.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// A field: `number` holds the content of a varint, `bytes` that of the other types (8, 4 or any number of bytes).
  struct Field {
    std::uint32_t id = 0;
    WireType type = WireType::kVarint;
    std::uint64_t number = 0;
    std::string_view bytes;
  };

  /// Returns the next field, nullopt at the end of the message. Throws ProtobufError for a field that is truncated, has
  /// the number 0 or another wire type (groups).
  std::optional<Field> next();

 private:
  std::string_view rest_;
};

/// Removes a varint from the front of `bytes`. Throws ProtobufError if it is truncated or longer than ten bytes.
std::uint64_t take_varint(std::string_view& bytes);

// --- writing, by appending to `out`

void put_varint(std::string& out, std::uint64_t number);
void put_tag(std::string& out, std::uint32_t field, WireType type);
void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes);
/// Appends the bytes of a little-endian number, without a tag.
template <class Number>
void put_fixed(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace ludus
