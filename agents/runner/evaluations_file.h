/// @file
/// evaluations.csv: one row per periodic evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "runs/csv_log.h"

namespace ludus::agents {

class EvaluationsFile : public runs::CsvLog {
 public:
  explicit EvaluationsFile(const std::filesystem::path& path);

  /// Adds steps, episodes, mean, std, min, max, iqm, mean_length, and the returns separated by spaces.
  void append(std::int64_t steps, std::span<const double> returns, std::span<const std::int64_t> lengths);
};

}  // namespace ludus::agents
