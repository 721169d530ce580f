// TensorBoard's event files: scalars by tag and step.
//
// Format: records of {uint64 length, masked CRC-32C of it, data, masked CRC-32C of that}, little-endian (TFRecord);
// the data are protocol-buffer messages tensorflow.Event {1: double wall_time, 2: int64 step, 3: string file_version,
// 5: Summary {1: repeated Value {1: string tag, 2: float simple_value}}}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ludus::runs {

class TensorBoardWriter {
 public:
  // Seconds since 1970; passed in, so that a test can tell the time.
  using WallClock = std::function<double()>;
  static double system_seconds();

  // Appends to the folder's event file, made if there is none. Throws FileError.
  explicit TensorBoardWriter(const std::filesystem::path& folder, WallClock clock = system_seconds);

  // One event with all figures of a step; it reaches the file at the next flush().
  void append(std::int64_t step, const std::map<std::string, double>& figures);
  void flush();

  std::int64_t rows() const { return rows_; }  // events of figures
  // Keeps the first `rows` events. Throws FileError if there are fewer.
  void truncate_to(std::int64_t rows);

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  WallClock clock_;
  std::string pending_;
  std::int64_t rows_ = 0;
};

// CRC-32C (Castagnoli), reflected, polynomial 0x1EDC6F41.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace ludus::runs
