/// @file
/// Metrics of a training by tag, such as "train/loss".
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"

namespace ludus::runs {

/// Values by tag, in Stable-Baselines3's names: "train/loss", "rollout/exploration_rate".
using Metrics = std::map<std::string, double>;

/// Averages the values of each tag between two rows of the log.
class MeanMetrics {
 public:
  explicit MeanMetrics(std::span<const std::string> tags);

  /// Adds a value of one of the tags.
  void record(const std::string& tag, double value);

  /// Returns the mean of every tag that was recorded since the last call, and starts over.
  Metrics take();

  std::vector<std::string> tags() const;

  /// The sums and counts since the last take(), so that a resumed training logs the same means.
  Dict state() const;
  /// Throws InputError if `state` lacks a tag.
  void restore(const Dict& state);

 private:
  struct Sum {
    double total = 0;
    std::int64_t count = 0;
  };
  std::map<std::string, Sum> sums_;
};

}  // namespace ludus::runs
