// progress.csv: the figures of the learning, one row now and then, with Stable-Baselines3's column names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "runs/csv_log.h"

namespace ludus::agents {

class ProgressFile {
 public:
  // Columns in alphabetical order.
  ProgressFile(const std::filesystem::path& file, std::vector<std::string> columns);

  // A figure without a column is a programmer's error; a column without a figure stays empty.
  void append(const Metrics& row);

  std::int64_t rows() const { return file_.rows(); }
  void truncate_to(std::int64_t rows) { file_.truncate_to(rows); }
  void flush() { file_.flush(); }

 private:
  std::vector<std::string> columns_;
  runs::CsvLog file_;
};

}  // namespace ludus::agents
