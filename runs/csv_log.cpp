#include "runs/csv_log.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace ludus::runs {
namespace {

// Measures rows of one line each behind `header`.
AppendLog::Measure lines_behind(std::string header, std::string name) {
  return [header = std::move(header), name = std::move(name)](std::string_view text, std::int64_t most) {
    if (!text.starts_with(header)) {
      throw FileError(
          formatted("{}: must start with the header of this run, and starts otherwise; move it away", name));
    }
    AppendLog::Extent whole{.bytes = header.size(), .rows = 0};
    while (whole.rows < most) {
      const std::size_t end = text.find('\n', whole.bytes);
      if (end == std::string_view::npos) break;
      whole.bytes = end + 1;
      ++whole.rows;
    }
    return whole;
  };
}

}  // namespace

CsvLog::CsvLog(const std::filesystem::path& path, const std::string& header)
    : AppendLog(path, header, lines_behind(header, path.string())), header_size_(header.size()) {}

void CsvLog::append(std::string_view row) {
  append_bytes(std::string(row) + '\n');
}

std::string CsvLog::last_row() const {
  std::string rows = read_text(path()).substr(header_size_) + pending();
  if (rows.empty()) return rows;
  rows.pop_back();
  return rows.substr(rows.rfind('\n') + 1);
}

std::string python_number(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char digits[40];
  // Python writes exponents below 1e-4 and from 1e16 on
  const double magnitude = std::abs(number);
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto end = std::to_chars(digits, digits + sizeof digits, number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string text(digits, end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

}  // namespace ludus::runs
