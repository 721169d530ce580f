/// @file
/// Ends a training by a metric: at a threshold, or when it does not improve any more.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "runs/callback.h"

namespace ludus::runs {

/// Watches a reported metric (Training::report); add it behind the callback that reports it.
class EarlyStopping final : public Callback {
 public:
  struct Options {
    std::string metric;                    ///< tag, such as "eval/mean_reward"
    bool higher_is_better = true;          ///< false for a loss
    std::optional<double> threshold = {};  ///< stops when the metric reaches it
    /// Stops when more values in a row than this are no better than the best (0: at the first), as Stable-Baselines3's
    /// StopTrainingOnNoModelImprovement does.
    std::optional<std::int64_t> patience = {};
    std::int64_t warmup = 0;  ///< values at the start that do not count for the patience
  };

  explicit EarlyStopping(Options options) : options_(std::move(options)) {}

  std::string name() const override { return "early_stopping"; }
  /// Also ends a training that is resumed after it was stopped.
  void on_start(Training& training) override { watch(training); }
  void on_step(Training& training) override { watch(training); }
  void on_end(Training& training) override { observe(training); }

  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("best", self.best_);
    visit("latest", self.latest_);
    visit("values", self.values_);
    visit("without_improvement", self.without_improvement_);
  }

  void watch(Training& training);
  void observe(const Training& training);
  bool better(double a, double b) const { return options_.higher_is_better ? a > b : a < b; }

  Options options_;
  double best_ = std::numeric_limits<double>::quiet_NaN();    // NaN before the first value
  double latest_ = std::numeric_limits<double>::quiet_NaN();  // likewise
  std::int64_t values_ = 0;                                   // observed so far
  std::int64_t without_improvement_ = 0;                      // values in a row
};

}  // namespace ludus::runs
