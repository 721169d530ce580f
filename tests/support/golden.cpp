#include "tests/support/golden.h"

#include <cstdlib>

#include "base/file.h"
#include "base/value_io.h"

namespace ludus::testing {

std::filesystem::path golden_directory() {
  if (const char* directory = std::getenv("LUDUS_GOLDEN_DIR")) return directory;
  return LUDUS_TEST_DATA "/golden";
}

std::vector<Value> read_jsonl(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  std::vector<Value> records;
  std::size_t line = 1;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) {
      try {
        records.push_back(from_json(std::string_view(text).substr(start, end - start)));
      } catch (const FileError& error) {
        throw FileError(path.string() + ", line " + std::to_string(line) + ": " + error.what());
      }
    }
    start = end + 1;
  }
  return records;
}

std::vector<double> doubles_of(const Value& list) {
  const Array array = to_array(list, DType::kFloat64);
  const auto numbers = array.data<double>();
  return {numbers.begin(), numbers.end()};
}

std::int64_t int64_of(const Value& value) {
  return value.is_string() ? std::stoll(value.as_string()) : value.as_int();
}

std::uint64_t uint64_of(const Value& value) {
  return value.is_string() ? std::stoull(value.as_string()) : static_cast<std::uint64_t>(value.as_int());
}

std::vector<std::int64_t> int64s_of(const Value& list) {
  std::vector<std::int64_t> numbers;
  for (const Value& value : list.as_list()) numbers.push_back(int64_of(value));
  return numbers;
}

std::vector<std::uint64_t> uint64s_of(const Value& list) {
  std::vector<std::uint64_t> numbers;
  for (const Value& value : list.as_list()) numbers.push_back(uint64_of(value));
  return numbers;
}

std::vector<std::uint32_t> words_of(const Value& integer) {
  const std::string digits = integer.is_string() ? integer.as_string() : std::to_string(integer.as_int());

  // words := 10 words + digit, with carry
  std::vector<std::uint32_t> words{0};
  for (const char digit : digits) {
    auto carry = static_cast<std::uint64_t>(digit - '0');
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * 10;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  return words;
}

}  // namespace ludus::testing
