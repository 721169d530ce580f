/// @file
/// progress.csv: one row of metrics now and then, with Stable-Baselines3's column names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runs/csv_log.h"
#include "runs/metrics.h"

namespace ludus::runs {

class MetricsFile : public CsvLog {
 public:
  /// `tags`: one column each, sorted by name.
  MetricsFile(const std::filesystem::path& path, std::vector<std::string> tags);

  /// Adds one row; a tag without a metric stays empty. Each metric must have a column.
  void append(const Metrics& row);

 private:
  std::vector<std::string> columns_;
};

}  // namespace ludus::runs
