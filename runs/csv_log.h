/// @file
/// A growing CSV file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runs/append_log.h"

namespace ludus::runs {

class CsvLog : public AppendLog {
 public:
  /// Opens `path` for appending; a new or empty file gets `header` (whole lines, each with its line end) first. Throws
  /// FileError if the file cannot be written, or exists and does not start with the header.
  CsvLog(const std::filesystem::path& path, const std::string& header);

  /// Adds one row. The argument has no line end.
  void append(std::string_view row);

  /// Returns the last row, flushed or not; empty if there is none.
  std::string last_row() const;

 private:
  std::size_t header_size_;  // bytes
};

/// Returns Python's repr of a double, as the CSV files of Stable-Baselines3 have it: the shortest digits that read back
/// as the same number, at least one after the point: "20.0", "0.123456", "1e-05", "nan".
std::string python_number(double number);

}  // namespace ludus::runs
