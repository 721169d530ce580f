#include "runs/metrics.h"

namespace ludus::runs {

MeanMetrics::MeanMetrics(std::span<const std::string> tags) {
  for (const std::string& tag : tags) sums_.emplace(tag, Sum{});
}

void MeanMetrics::record(const std::string& tag, double value) {
  Sum& sum = sums_.at(tag);
  sum.total += value;
  ++sum.count;
}

Metrics MeanMetrics::take() {
  Metrics means;
  for (auto& [tag, sum] : sums_) {
    if (sum.count > 0) means[tag] = sum.total / static_cast<double>(sum.count);
    sum = {};
  }
  return means;
}

std::vector<std::string> MeanMetrics::tags() const {
  std::vector<std::string> tags;
  for (const auto& [tag, sum] : sums_) tags.push_back(tag);
  return tags;
}

}  // namespace ludus::runs
