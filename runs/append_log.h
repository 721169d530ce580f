/// @file
/// A file of rows that only grows, and is cut back to a number of rows when a training is resumed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace ludus::runs {

class AppendLog {
 public:
  /// How much of a text is whole: the bytes of the header and of the rows behind it. 0 bytes: not even the header.
  struct Extent {
    std::size_t bytes = 0;
    std::int64_t rows = 0;
  };

  /// Measures the header and at most `most` whole rows of the file's text. Throws FileError if the text is of another
  /// form.
  using Measure = std::function<Extent(std::string_view text, std::int64_t most)>;

  /// Opens `path` for appending. A file without a whole header gets `header`; a row that a kill left half written is
  /// removed. Throws FileError if the file cannot be written, or from `measure`.
  AppendLog(std::filesystem::path path, std::string_view header, Measure measure);

  /// Writes the rows that were appended to the file. Throws WriteFailed if the file cannot take them (a full disk).
  void flush();
  /// Writes the appended rows and waits until the file is on the disk, so that a checkpoint may count them.
  void sync();

  std::int64_t rows() const { return rows_; }  ///< the header not counted
  const std::filesystem::path& path() const { return path_; }

  /// Keeps the first `rows` rows. Throws FileError if there are fewer, unless accept_missing_rows() was called.
  void truncate_to(std::int64_t rows);
  /// Throws FileError if truncate_to(rows) would.
  void require_rows(std::int64_t rows) const;
  /// From now on fewer rows than a checkpoint counted are no error.
  void accept_missing_rows() { accepts_missing_rows_ = true; }

 protected:
  /// Adds one row in the bytes of the file; it reaches the file at the next flush().
  void append_bytes(std::string_view row);

  const std::string& pending() const { return pending_; }  ///< appended and not yet in the file

 private:
  std::filesystem::path path_;
  Measure measure_;
  std::string pending_;
  std::int64_t rows_ = 0;
  bool synced_ = false;
  bool accepts_missing_rows_ = false;
};

}  // namespace ludus::runs
