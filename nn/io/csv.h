/// @file
/// Reads and writes CSV as RFC 4180 defines it.
///
/// A cell in quotes may hold delimiters, line ends and doubled quotes. Lines end in CR LF, LF or CR; a byte-order mark
/// is skipped. Beyond the standard: any delimiter, and files compressed by gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nn/io/byte_stream.h"

namespace ludus::io {

/// A row of a CSV file is malformed: a quote in a cell without quotes, text after a closing quote, a quote that is
/// never closed, or another number of cells than the first row. The message names the file and the line.
class CsvError : public FileError {
 public:
  using FileError::FileError;
};

struct CsvCell {
  std::string text;     ///< without quotes
  bool quoted = false;  ///< "" and nothing at all are told apart
};

struct CsvRow {
  std::vector<CsvCell> cells;
  std::uint64_t line = 0;  ///< where the row begins, from 1
};

class CsvReader {
 public:
  struct Options {
    char delimiter = ',';
    bool header = true;                                    ///< whether the first row holds the names of the columns
    std::uint64_t max_row_bytes = std::uint64_t{1} << 26;  ///< a longer row is malformed: bounds the memory
  };

  /// Reads the header. Throws FileError if the file cannot be read or is empty, CsvError for a malformed header or a
  /// column name that occurs twice.
  CsvReader(ByteStreamPtr stream, Options options);
  explicit CsvReader(ByteStreamPtr stream) : CsvReader(std::move(stream), Options{}) {}
  explicit CsvReader(const std::filesystem::path& path) : CsvReader(open_file(path)) {}
  CsvReader(const std::filesystem::path& path, Options options) : CsvReader(open_file(path), options) {}

  /// Names of the columns; "0", "1", … without a header.
  const std::vector<std::string>& columns() const { return columns_; }
  /// Returns the index of a column. Throws InvalidArgument with a suggestion if there is none of this name.
  std::size_t column(std::string_view name) const;

  /// Reads the next row. Returns false at the end. Empty lines are skipped, except in files of one column, where they
  /// are empty cells. Throws CsvError for a malformed row; the next call continues on the line after it.
  bool next(CsvRow& row);

  const std::string& name() const { return stream_->name(); }

 private:
  int peek();  // the next byte, -1 at the end
  int take();
  bool read_row(CsvRow& row);
  void skip_line();
  void end_line(int letter);  // after CR or LF
  [[noreturn]] void fail(std::uint64_t line, const std::string& fault);

  ByteStreamPtr stream_;
  Options options_;
  std::vector<std::string> columns_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t line_ = 1;
  bool first_pending_ = false;  // without a header, the first row was read to count the columns
  CsvRow first_;
};

/// Returns one row with its line end (CR LF), with quotes where a cell needs them.
std::string csv_row(const std::vector<std::string>& cells, char delimiter = ',');

/// Writes a table atomically; `rows` may include the header. Throws FileError and WriteFailed as write_atomically()
/// does.
void write_csv(const std::filesystem::path& path, const std::vector<std::vector<std::string>>& rows,
               char delimiter = ',');

}  // namespace ludus::io
