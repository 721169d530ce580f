#include "nn/io/csv.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::io {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;
constexpr int kEnd = -1;

}  // namespace

CsvReader::CsvReader(ByteStreamPtr stream, Options options)
    : stream_(std::move(stream)), options_(options), buffer_(kBlock) {
  if (options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r') {
    throw InvalidArgument(formatted("{}: a delimiter cannot be a quote or a line end; use , or ;", name()));
  }
  // byte-order mark
  if (peek() != kEnd && filled_ >= 3 && std::string_view(buffer_.data(), 3) == "\xEF\xBB\xBF") used_ = 3;

  CsvRow row;
  if (!read_row(row)) throw FileError(formatted("{}: the CSV file is empty; a header or a row is required", name()));
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    columns_.push_back(options.header ? row.cells[i].text : formatted("{}", i));
  }
  if (options.header) {
    std::set<std::string_view> names;
    for (const std::string& column : columns_) {
      if (!names.insert(column).second)
        fail(row.line, formatted("two columns are called \"{}\"", column.substr(0, 60)));
    }
  } else {
    first_ = std::move(row);
    first_pending_ = true;
  }
}

std::size_t CsvReader::column(std::string_view column_name) const {
  const auto it = std::find(columns_.begin(), columns_.end(), column_name);
  if (it != columns_.end()) return static_cast<std::size_t>(it - columns_.begin());
  throw InvalidArgument(formatted("{}: there is no column \"{}\"; it has {}.{}", name(), column_name, joined(columns_),
                                  did_you_mean(column_name, columns_)));
}

bool CsvReader::next(CsvRow& row) {
  if (first_pending_) {
    row = std::move(first_);
    first_pending_ = false;
    return true;
  }
  while (read_row(row)) {
    const bool empty = row.cells.size() == 1 && row.cells[0].text.empty() && !row.cells[0].quoted;
    if (empty && columns_.size() > 1) continue;
    if (row.cells.size() == columns_.size()) return true;
    fail(row.line, formatted("{} cells in a row of {} columns", row.cells.size(), columns_.size()));
  }
  return false;
}

int CsvReader::peek() {
  if (used_ == filled_) {
    filled_ = stream_->read(std::as_writable_bytes(std::span(buffer_)));
    used_ = 0;
    if (filled_ == 0) return kEnd;
  }
  return static_cast<std::uint8_t>(buffer_[used_]);
}

int CsvReader::take() {
  const int letter = peek();
  if (letter != kEnd) ++used_;
  return letter;
}

void CsvReader::end_line(int letter) {
  if (letter == '\r' && peek() == '\n') ++used_;
  ++line_;
}

void CsvReader::skip_line() {
  while (true) {
    const int letter = take();
    if (letter == kEnd) return;
    if (letter == '\r' || letter == '\n') return end_line(letter);
  }
}

// Reads the cells of one row. Returns false at the end of the file.
bool CsvReader::read_row(CsvRow& row) {
  if (peek() == kEnd) return false;
  row.cells.clear();
  row.line = line_;
  std::uint64_t bytes = 0;
  const auto count = [&](std::uint64_t more) {
    if ((bytes += more) <= options_.max_row_bytes) return;
    skip_line();
    fail(row.line, formatted("the row is longer than {} bytes; is a quote not closed?", options_.max_row_bytes));
  };

  while (true) {
    CsvCell& cell = row.cells.emplace_back();
    count(1 + sizeof(CsvCell) / 8);  // many empty cells need memory too
    if (peek() == '"') {
      cell.quoted = true;
      const std::uint64_t opened = line_;
      ++used_;
      while (true) {
        const int letter = take();
        if (letter == kEnd) fail(row.line, formatted("the quote opened in line {} is not closed", opened));
        count(1);
        if (letter == '"') {
          if (peek() != '"') break;
          ++used_;
        } else if (letter == '\n' || (letter == '\r' && peek() != '\n')) {
          ++line_;
        }
        cell.text.push_back(static_cast<char>(letter));
      }
    } else {
      // a run of ordinary bytes, up to the end of the buffer at most, at once
      while (peek() != kEnd) {
        const char* const begin = buffer_.data() + used_;
        const char* const end = buffer_.data() + filled_;
        const char* const stop = std::find_if(begin, end, [&](char letter) {
          return letter == options_.delimiter || letter == '\n' || letter == '\r' || letter == '"';
        });
        count(static_cast<std::uint64_t>(stop - begin));
        cell.text.append(begin, stop);
        used_ += static_cast<std::size_t>(stop - begin);
        if (stop != end) break;
      }
    }

    const int letter = take();
    if (letter == kEnd) return true;
    if (letter == '\r' || letter == '\n') {
      end_line(letter);
      return true;
    }
    if (letter == static_cast<std::uint8_t>(options_.delimiter)) continue;
    const std::string fault =
        cell.quoted
            ? formatted("text follows the closing quote of cell {}", row.cells.size())
            : formatted("cell {} holds a quote but does not begin with one; write \"…\"\"…\"", row.cells.size());
    skip_line();
    fail(row.line, fault);
  }
}

void CsvReader::fail(std::uint64_t line, const std::string& fault) {
  throw CsvError(formatted("{}:{}: {}", name(), line, fault));
}

std::string csv_row(const std::vector<std::string>& cells, char delimiter) {
  const std::string special = std::string("\"\r\n") + delimiter;
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) row.push_back(delimiter);
    // a row of one empty cell would be an empty line
    if (cells[i].find_first_of(special) == std::string::npos && !(cells.size() == 1 && cells[i].empty())) {
      row += cells[i];
      continue;
    }
    row.push_back('"');
    for (const char letter : cells[i]) {
      if (letter == '"') row.push_back('"');
      row.push_back(letter);
    }
    row.push_back('"');
  }
  return row + "\r\n";
}

void write_csv(const std::filesystem::path& path, const std::vector<std::vector<std::string>>& rows, char delimiter) {
  std::string text;
  for (const std::vector<std::string>& row : rows) text += csv_row(row, delimiter);
  write_atomically(path, text);
}

}  // namespace ludus::io
