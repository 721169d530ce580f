/// @file
/// Metrics of a training by tag, such as "train/loss".
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/fields.h"

namespace ludus::runs {

/// Values by tag, in Stable-Baselines3's names: "train/loss", "rollout/exploration_rate".
using Metrics = std::map<std::string, double>;

/// Metrics may be listed once, as fields of type std::optional<double> with their tags as names:
///   visit("train/loss", self.loss, "loss of the update");
/// Returns the tags of such a list, sorted.
template <HasFields T>
std::vector<std::string> tags_of() {
  std::vector<std::string> tags = field_names<T>();
  std::sort(tags.begin(), tags.end());
  return tags;
}

/// Returns the metrics of such a list that have a value.
template <HasFields T>
Metrics metrics_of(const T& list) {
  Metrics metrics;
  for_each_field(list, [&](const char* tag, const std::optional<double>& value, const Range&, const char*) {
    if (value) metrics[tag] = *value;
  });
  return metrics;
}

/// Averages the values of each tag between two rows of the log.
class MeanMetrics {
 public:
  explicit MeanMetrics(std::span<const std::string> tags);

  /// Adds a value of one of the tags.
  void record(const std::string& tag, double value);

  /// Returns the mean of every tag that was recorded since the last call, and starts over.
  Metrics take();

  std::vector<std::string> tags() const;

  /// Lists the sums and counts since the last take(), so that a resumed training logs the same means.
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    for (auto& [tag, sum] : self.sums_) visit(tag, sum);
  }

 private:
  struct Sum {
    double total = 0;
    std::int64_t count = 0;

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("total", self.total);
      visit("count", self.count);
    }
  };
  std::map<std::string, Sum> sums_;
};

}  // namespace ludus::runs
