#include "agents/runner/progress_file.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/text.h"

namespace ludus::agents {
namespace {

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// As Stable-Baselines3 has them: what is counted (times and steps in "time/…", updates) are Python's integers, and all
// else are its floats, with a point even where they are whole, so that a column keeps its type.
std::string shown(const std::string& column, double figure) {
  const bool counted = column.starts_with("time/") || column == "train/n_updates";
  return counted && std::isfinite(figure) ? std::to_string(std::llround(figure)) : runs::python_number(figure);
}

}  // namespace

ProgressFile::ProgressFile(const std::filesystem::path& file, std::vector<std::string> columns)
    : columns_(sorted(std::move(columns))), file_(file, joined(columns_, ",") + "\n") {}

void ProgressFile::append(const Metrics& row) {
  std::string line;
  std::size_t used = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += ',';
    if (const auto figure = row.find(columns_[i]); figure != row.end()) {
      line += shown(columns_[i], figure->second);
      ++used;
    }
  }
  assert(used == row.size());
  file_.append(line);
}

}  // namespace ludus::agents
