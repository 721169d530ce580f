#include "nn/training/callbacks.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {

void BestModel::on_step(runs::Training& training) {
  const std::optional<double> value = training.reported(options_.metric);
  if (!value || std::isnan(*value)) return;
  const bool is_better = options_.higher_is_better ? *value > best_ : *value < best_;
  if (!std::isnan(best_) && !is_better) return;
  best_ = *value;
  training.save_model(file_);
}

void BestModel::on_end(runs::Training& training) {
  const bool interrupted =
      training.stop_reason() && training.stop_reason()->kind == runs::StopReason::Kind::kInterrupted;
  if (options_.restore && !interrupted && !std::isnan(best_)) fit_.restore_weights(file_);
}

ReduceOnPlateau::ReduceOnPlateau(Fit& fit, Options options) : fit_(fit), options_(std::move(options)) {
  if (!(options_.factor > 0 && options_.factor < 1)) {
    throw InvalidArgument(formatted("reduce_on_plateau: factor must be above 0 and below 1, got {}", options_.factor));
  }
  if (options_.patience < 1) {
    throw InvalidArgument(formatted("reduce_on_plateau: patience must be positive, got {}", options_.patience));
  }
}

void ReduceOnPlateau::on_step(runs::Training& training) {
  const std::optional<double> value = training.reported(options_.metric);
  if (!value) return;
  const bool is_better = options_.higher_is_better ? *value > best_ + options_.min_delta  //
                                                   : *value < best_ - options_.min_delta;
  if (std::isnan(best_) || is_better) {
    best_ = *value;
    without_improvement_ = 0;
    return;
  }
  if (++without_improvement_ < options_.patience) return;
  without_improvement_ = 0;
  const double scale = fit_.learning_rate_scale() * options_.factor;
  if (scale >= options_.min_scale) fit_.set_learning_rate_scale(scale);
}

}  // namespace ludus::nn
