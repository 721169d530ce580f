// Values as JSON text (for people and programs) and as bytes (for checkpoints).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace ludus {

// JSON of `value`; arrays become nested lists, infinities and NaN the strings "inf", "-inf", "nan".
// `indent` < 0 writes one line.
std::string to_json(const Value& value, int indent = -1);

// The value of a JSON text: objects become Dict, arrays List, whole numbers int64, other numbers double.
// Throws FileError with the position of the first fault, or if lists and objects nest more than 200 deep.
Value from_json(std::string_view text);

// Bytes that decode() turns back into exactly the same value (every bit of every number, array types and
// shapes; of a NaN that is no array's element only that it is a NaN). The format is CBOR (RFC 8949); an array is {"dtype", "shape", "bytes"}.
std::vector<std::byte> encode(const Value& value);

// Throws FileError if the bytes are not what encode() writes.
Value decode(std::span<const std::byte> bytes);

// The array of a (nested) list of numbers, all lists of one depth alike in length; throws TypeMismatch.
Array to_array(const Value& value, DType dtype);

}  // namespace ludus
