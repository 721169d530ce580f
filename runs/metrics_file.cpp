#include "runs/metrics_file.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/text.h"

namespace ludus::runs {
namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// As Stable-Baselines3 writes them: counts (times and steps in "time/…", updates) are Python's integers, and all else
// are its floats, with a point even where they are whole, so that a column keeps its type.
std::string cell(const std::string& column, double metric) {
  const bool is_count = column.starts_with("time/") || column == "train/n_updates";
  return is_count && std::isfinite(metric) ? std::to_string(std::llround(metric)) : python_number(metric);
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& path, std::vector<std::string> tags)
    : CsvLog(path, joined(sorted(tags), ",") + "\n"), columns_(sorted(std::move(tags))) {}

void MetricsFile::append(const Metrics& row) {
  std::string line;
  [[maybe_unused]] std::size_t written = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += ',';
    if (const auto metric = row.find(columns_[i]); metric != row.end()) {
      line += cell(columns_[i], metric->second);
      ++written;
    }
  }
  assert(written == row.size());
  CsvLog::append(line);
}

}  // namespace ludus::runs
