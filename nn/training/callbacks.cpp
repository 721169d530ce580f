#include "nn/training/callbacks.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

namespace {

constexpr double kTerminalPeriod = 0.1;  // s between two drawings
constexpr double kLinePeriod = 10;       // s between two lines where there is no terminal
constexpr std::size_t kBarWidth = 30;    // characters

// "loss" for "train/loss", "val_loss" for "val/loss".
std::string keras_name(const std::string& tag) {
  if (tag.starts_with("train/")) return tag.substr(6);
  return tag.starts_with("val/") ? "val_" + tag.substr(4) : tag;
}

// The time of a step in the unit in which it has at most three digits.
std::string step_time(double seconds) {
  if (seconds >= 1) return formatted("{:.0f}s/step", seconds);
  return seconds >= 1e-3 ? formatted("{:.0f}ms/step", 1e3 * seconds) : formatted("{:.0f}us/step", 1e6 * seconds);
}

}  // namespace

EpochProgress::EpochProgress(const EpochTraining& training, bool terminal,
                             std::function<void(const std::string&)> write)
    : training_(training), terminal_(terminal), write_(std::move(write)) {}

void EpochProgress::on_start(runs::Training& training) {
  if (training_.epoch() < training_.epochs()) begin_epoch(training.seconds());
}

void EpochProgress::begin_epoch(double seconds) {
  epoch_ = training_.epoch();
  first_step_ = training_.step_in_epoch();
  epoch_start_ = seconds;
  next_ = seconds + (terminal_ ? 0 : kLinePeriod);
  write_(formatted("Epoch {}/{}\n", epoch_ + 1, training_.epochs()));
}

void EpochProgress::on_step(runs::Training& training) {
  const double now = training.seconds();
  if (training_.epoch() != epoch_) {  // this step has ended it
    draw(training_.steps_per_epoch(), training_.history().back(), now, /*is_last=*/true);
    if (training_.epoch() < training_.epochs() && !training.stop_reason()) begin_epoch(now);
  } else if (now >= next_) {
    draw(training_.step_in_epoch(), training_.epoch_metrics(), now, /*is_last=*/false);
    next_ = now + (terminal_ ? kTerminalPeriod : kLinePeriod);
  }
}

void EpochProgress::on_end(runs::Training&) {
  if (is_open_) write_("\n");
  is_open_ = false;
}

void EpochProgress::draw(std::int64_t step, const runs::Metrics& metrics, double seconds, bool is_last) {
  const std::int64_t total = training_.steps_per_epoch();  // 0: not known in the first epoch
  const double elapsed = seconds - epoch_start_;
  const double each = elapsed / static_cast<double>(std::max<std::int64_t>(step - first_step_, 1));
  std::string line = total > 0 ? formatted("{}/{}", step, total) : formatted("{}/?", step);
  if (total > 0) {
    const auto full = static_cast<std::size_t>(static_cast<double>(kBarWidth) * static_cast<double>(step) /
                                               static_cast<double>(total));
    line += full >= kBarWidth ? formatted(" [{}]", std::string(kBarWidth, '='))
                              : formatted(" [{}>{}]", std::string(full, '='), std::string(kBarWidth - full - 1, '.'));
  }
  if (is_last) {
    line += formatted(" - {:.0f}s {}", elapsed, step_time(each));
  } else if (total > 0) {
    line += formatted(" - ETA: {:.0f}s", each * static_cast<double>(total - step));
  }
  const auto show = [&](const std::string& tag, double value) {
    line += formatted(" - {}: {:.4f}", keras_name(tag), value);
  };
  for (const char* prefix : {"train/", "val/"}) {
    const std::string loss = formatted("{}loss", prefix);
    if (const auto place = metrics.find(loss); place != metrics.end()) show(loss, place->second);
    for (const auto& [tag, value] : metrics) {
      if (tag.starts_with(prefix) && tag != loss) show(tag, value);
    }
  }
  // the cursor returns to the start of the line; \x1b[K erases the rest of a longer line
  write_(terminal_ ? formatted("\r{}\x1b[K{}", line, is_last ? "\n" : "") : line + "\n");
  is_open_ = terminal_ && !is_last;
}

}  // namespace ludus::nn
