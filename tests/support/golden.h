// Golden data for the parity tests: files of one JSON object per line, made by Gymnasium and NumPy.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/value.h"

namespace ludus::testing {

// $LUDUS_GOLDEN_DIR, or tests/data/golden in the source tree.
std::filesystem::path golden_directory();

// One value per line that is not empty; the first of a golden file is {"meta": …}. Throws FileError with the line.
std::vector<Value> read_jsonl(const std::filesystem::path& path);

// The numbers of a (nested) list, innermost fastest; "inf", "-inf" and "nan" are numbers too.
std::vector<double> doubles_of(const Value& list);

// An integer written as a number or, beyond 2^53, as a string.
std::int64_t int64_of(const Value& value);
std::uint64_t uint64_of(const Value& value);
std::vector<std::int64_t> int64s_of(const Value& list);
std::vector<std::uint64_t> uint64s_of(const Value& list);

// The 32-bit words, little-endian, of a non-negative integer of any size: a number or a string of digits.
std::vector<std::uint32_t> words_of(const Value& integer);

}  // namespace ludus::testing
