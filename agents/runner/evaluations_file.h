// evaluations.csv: one row per periodic evaluation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "runs/csv_log.h"

namespace ludus::agents {

class EvaluationsFile {
 public:
  explicit EvaluationsFile(const std::filesystem::path& file);

  // Columns: steps, episodes, mean, std, min, max, iqm, mean_length, and the returns themselves, separated by spaces.
  void append(std::int64_t steps, std::span<const double> returns, std::span<const std::int64_t> lengths);

  std::int64_t rows() const { return file_.rows(); }
  void truncate_to(std::int64_t rows) { file_.truncate_to(rows); }
  void flush() { file_.flush(); }

 private:
  runs::CsvLog file_;
};

}  // namespace ludus::agents
