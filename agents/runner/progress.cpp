#include "agents/runner/progress.h"

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

// Whole figures (steps, episodes) without a point, as Stable-Baselines3 writes its integers.
std::string shown(double figure) {
  if (std::nearbyint(figure) == figure && std::abs(figure) < 1e15)
    return std::to_string(static_cast<long long>(figure));
  return python_number(figure);
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
      line += shown(figure->second);
      ++used;
    }
  }
  assert(used == row.size());
  file_.append(line);
}

}  // namespace ludus::agents
