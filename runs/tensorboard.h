/// @file
/// TensorBoard's event files: scalars by tag and step.
///
/// Format: records of {uint64 length, masked CRC-32C of it, data, masked CRC-32C of that}, little-endian (TFRecord);
/// the data are protocol-buffer messages tensorflow.Event {1: double wall_time, 2: int64 step, 3: string file_version,
/// 5: Summary {1: repeated Value {1: string tag, 2: float simple_value}}}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "runs/append_log.h"
#include "runs/metrics.h"

namespace ludus::runs {

/// Writes one event a row; the first record of a file, its version, is its header.
class TensorBoardWriter : public AppendLog {
 public:
  /// Seconds since 1970; an argument, so that tests control the time.
  using WallClock = std::function<double()>;
  static double system_seconds();

  /// Appends to the event file of `folder`, and makes one if there is none. Throws FileError.
  explicit TensorBoardWriter(const std::filesystem::path& folder, const WallClock& clock = system_seconds);

  /// Adds one event with all metrics of a step.
  void append(std::int64_t step, const Metrics& metrics);

 private:
  TensorBoardWriter(const WallClock& clock, const std::filesystem::path& file);

  WallClock clock_;
};

}  // namespace ludus::runs
