#include "runs/early_stopping.h"

#include <cmath>

#include "base/format.h"
#include "runs/training.h"

namespace ludus::runs {

void EarlyStopping::observe(const Training& training) {
  const std::optional<double> value = training.reported(options_.metric);
  if (!value) return;
  latest_ = *value;
  ++values_;
  if (std::isnan(best_) || better(latest_, best_)) {
    best_ = latest_;
    without_improvement_ = 0;
  } else if (values_ > options_.warmup) {
    ++without_improvement_;
  }
}

void EarlyStopping::watch(Training& training) {
  observe(training);
  if (options_.threshold && !std::isnan(latest_) && !better(*options_.threshold, latest_)) {
    training.request_stop(
        formatted("{} {} {:g}", options_.metric, options_.higher_is_better ? "≥" : "≤", *options_.threshold));
  }
  if (options_.patience && without_improvement_ > *options_.patience) {
    training.request_stop(formatted("{} did not improve in {} evaluation{}", options_.metric, without_improvement_,
                                    without_improvement_ == 1 ? "" : "s"));
  }
}

}  // namespace ludus::runs
