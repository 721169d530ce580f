/// @file
/// TensorBoard's event files: scalars, histograms, images and texts by tag and step, hyperparameters and a graph.
///
/// Format: records of {uint64 length, masked CRC-32C of it, data, masked CRC-32C of that}, little-endian (TFRecord);
/// the data are protocol-buffer messages tensorflow.Event {1: double wall_time, 2: int64 step, 3: string file_version,
/// 4: GraphDef graph_def, 5: Summary summary}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "runs/append_log.h"
#include "runs/metrics.h"
#include "runs/tensorboard_summaries.h"

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
  void append(std::int64_t step, const Metrics& metrics) { append_summary(step, scalar_summary(metrics)); }
  /// Adds one event with a summary of runs/tensorboard_summaries.h, such as that of histograms or an image.
  void append_summary(std::int64_t step, std::string_view summary);
  /// Adds one event with the graph of a network.
  void append_graph(std::span<const GraphNode> nodes);

  /// Returns the time of an event that is added now, seconds since 1970.
  double now() const { return clock_(); }

 private:
  TensorBoardWriter(const WallClock& clock, const std::filesystem::path& file);
  void append_event(std::int64_t step, std::uint32_t field, std::string_view message);

  WallClock clock_;
};

}  // namespace ludus::runs
