// A text file of rows that only grows, and can be cut back to a number of rows when a run is resumed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace ludus::runs {

class CsvLog {
 public:
  // Opens `path` for appending; a new or empty file gets `header` (whole lines, each ended) first. Throws FileError if
  // the file cannot be written, or is there and does not begin with the header.
  CsvLog(std::filesystem::path path, std::string header);

  // One row, without the end of the line; it reaches the file at the next flush().
  void append(std::string_view row);

  // Throws WriteFailed if what was appended cannot be written (a full disk).
  void flush();

  std::int64_t rows() const { return rows_; }  // the header not counted

  // Keeps the first `rows` rows. Throws FileError if there are fewer.
  void truncate_to(std::int64_t rows);

  // The last row in the file; empty if there is none.
  std::string last_row() const;

 private:
  std::filesystem::path path_;
  std::string header_;
  std::string pending_;  // appended and not yet in the file
  std::int64_t rows_ = 0;
};

// Python's repr of a double, as CSV files of Stable-Baselines3 have it: the shortest digits that give it back, and at
// least one after the point: "20.0", "0.123456", "1e-05", "nan".
std::string python_number(double number);

}  // namespace ludus::runs
