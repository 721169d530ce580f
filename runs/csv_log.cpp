#include "runs/csv_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/file.h"

namespace ludus::runs {
namespace {

// The place behind row number `rows`, counted from the end of the header; npos if there are fewer.
std::size_t end_of_row(std::string_view text, std::size_t header, std::int64_t rows) {
  std::size_t at = header;
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return end;
    at = end + 1;
  }
  return at;
}

}  // namespace

CsvLog::CsvLog(std::filesystem::path path, std::string header) : path_(std::move(path)), header_(std::move(header)) {
  if (!std::filesystem::exists(path_) || std::filesystem::file_size(path_) == 0) {
    write_atomically(path_, header_);
    return;
  }
  const std::string text = read_text(path_);
  if (!std::string_view(text).starts_with(header_)) {
    throw FileError("the file " + path_.string() + " does not begin as this run would have begun it; move it away");
  }
  rows_ = std::count(text.begin() + static_cast<std::ptrdiff_t>(header_.size()), text.end(), '\n');
  // a kill may have left half a row behind
  if (text.back() != '\n') truncate_to(rows_);
}

void CsvLog::append(std::string_view row) {
  pending_.append(row).push_back('\n');
  ++rows_;
}

void CsvLog::flush() {
  if (pending_.empty()) return;
  append_to_file(path_, pending_);
  pending_.clear();
}

void CsvLog::truncate_to(std::int64_t rows) {
  flush();
  const std::string text = read_text(path_);
  const std::size_t end = end_of_row(text, header_.size(), rows);
  if (end == std::string::npos) {
    throw FileError("the file " + path_.string() + " has fewer rows than the checkpoint counted (" +
                    std::to_string(rows) + "): it was changed since");
  }
  write_atomically(path_, std::string_view(text).substr(0, end));
  rows_ = rows;
}

std::string CsvLog::last_row() const {
  std::string text = read_text(path_).substr(header_.size()) + pending_;
  if (text.empty()) return text;
  text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::string python_number(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char digits[40];
  // Python changes to exponents below 1e-4 and from 1e16 on
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  const auto end = std::to_chars(digits, digits + sizeof digits, number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string text(digits, end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace ludus::runs
