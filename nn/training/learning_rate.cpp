#include "nn/training/learning_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

// Interpolates between `begin` and `end` along half a cosine; `share` from 0 to 1.
double along_cosine(double begin, double end, double share) {
  return end + (begin - end) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

// The phases of torch.optim.lr_scheduler.OneCycleLR with its defaults, for step `s` of `n`.
double one_cycle(double peak, double s, double n) {
  constexpr double kRisingShare = 0.3, kDivisor = 25, kFinalDivisor = 1e4;
  const double top = kRisingShare * n - 1, end = n - 1;
  if (s <= top) return along_cosine(peak / kDivisor, peak, top > 0 ? s / top : 1);
  const double share = end > top ? std::min((s - top) / (end - top), 1.0) : 1;
  return along_cosine(peak, peak / kDivisor / kFinalDivisor, share);
}

}  // namespace

void LearningRate::check() const {
  static const std::vector<std::string> schedules{"constant", "cosine", "exponential", "linear", "one_cycle"};
  if (std::ranges::find(schedules, schedule) == schedules.end()) {
    throw InvalidArgument(formatted("learning_rate: schedule must be one of {}, got \"{}\".{}", joined(schedules),
                                    schedule, did_you_mean(schedule, schedules)));
  }
  const auto require = [](bool holds, std::string_view field, std::string_view range, double value) {
    if (!holds) throw InvalidArgument(formatted("learning_rate: {} must be {}, got {}", field, range, value));
  };
  require(initial > 0 && std::isfinite(initial), "initial", "positive", initial);
  require(final >= 0 && std::isfinite(final), "final", "at least 0", final);
  require(decay_rate > 0 && std::isfinite(decay_rate), "decay_rate", "positive", decay_rate);
  require(decay_steps >= 0, "decay_steps", "at least 0", static_cast<double>(decay_steps));
  require(warmup_steps >= 0, "warmup_steps", "at least 0", static_cast<double>(warmup_steps));
}

double LearningRate::at(std::int64_t step, std::int64_t total) const {
  if (step < warmup_steps) return initial * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  const auto s = static_cast<double>(step - warmup_steps);
  const auto n = static_cast<double>(std::max<std::int64_t>(decay_steps > 0 ? decay_steps : total - warmup_steps, 1));
  const double share = std::min(s / n, 1.0);
  if (schedule == "linear") return initial + (final - initial) * share;
  if (schedule == "cosine") return along_cosine(initial, final, share);
  if (schedule == "exponential") return initial * std::pow(decay_rate, staircase ? std::floor(s / n) : s / n);
  if (schedule == "one_cycle") return one_cycle(initial, s, n);
  return initial;
}

}  // namespace ludus::nn
