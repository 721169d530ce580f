// Values as JSON text and, for checkpoints, as bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace ludus {

/// Returns `value` as JSON. Arrays become nested lists; infinities and NaN become the strings "inf", "-inf", "nan". A
/// negative `indent` writes a single line.
std::string to_json(const Value& value, int indent = -1);

/// Parses a JSON text: objects become Dict, arrays List, integers int64, other numbers double. Throws FileError with
/// the position of the first error, or if lists and objects nest more than 200 levels deep.
Value from_json(std::string_view text);

/// Returns bytes that decode() restores to the same value: every bit of every number, the dtypes and the shapes. The
/// payload of a NaN is kept only inside an array. The format is CBOR (RFC 8949); an array is encoded as {"dtype",
/// "shape", "bytes"}.
std::vector<std::byte> encode(const Value& value);

/// Restores a value from the result of encode(). Throws FileError for any other bytes.
Value decode(std::span<const std::byte> bytes);

/// Converts a (nested) list of numbers to an array. Throws TypeMismatch unless all lists of one depth have equal
/// length.
Array to_array(const Value& value, DType dtype);

}  // namespace ludus
