#include "runs/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "runs/training.h"
#include "runs/units.h"

namespace ludus::runs {
namespace {

constexpr double kTerminalPeriod = 0.1;  // s between two drawings
constexpr double kLinePeriod = 10;       // s between two lines where there is no terminal
constexpr std::int64_t kWidth = 24;      // of the bar, characters

}  // namespace

ProgressBar::ProgressBar(bool terminal, std::function<void(const std::string&)> write)
    : terminal_(terminal), write_(std::move(write)) {}

void ProgressBar::on_start(Training& training) {
  start_ = training.seconds();
  next_ = start_ + (terminal_ ? 0 : kLinePeriod);
  first_step_ = training.progress().step;
}

void ProgressBar::on_step(Training& training) {
  const double now = training.seconds();
  if (now < next_) return;
  draw(training, now);
  next_ = now + (terminal_ ? kTerminalPeriod : kLinePeriod);
}

// Elsewhere than on a terminal a line would come with every evaluation: only when one is due anyway.
void ProgressBar::on_activity(Training& training, const std::string& activity) {
  const double now = training.seconds();
  if (!terminal_ && now < next_) return;
  draw(training, now, activity);
  if (!terminal_) next_ = now + kLinePeriod;
}

void ProgressBar::on_end(Training& training) {
  draw(training, training.seconds());
  if (terminal_) write_("\n");
}

void ProgressBar::draw(const Training& training, double seconds, const std::string& activity) {
  // the cursor returns to the start of the line; \x1b[K erases the rest of a longer line
  const std::string text = line(training, seconds) + (activity.empty() ? "" : ", " + activity);
  write_(terminal_ ? "\r" + text + "\x1b[K" : text + "\n");
}

std::string ProgressBar::line(const Training& training, double seconds) const {
  const Progress progress = training.progress();
  const std::int64_t total = std::max<std::int64_t>(progress.total, 1);
  const double rate =
      static_cast<double>(progress.step - first_step_) / std::max(seconds - start_, 1e-3);  // steps a second
  const double fraction = std::min(static_cast<double>(progress.step) / static_cast<double>(total), 1.0);

  std::string text;
  if (terminal_) {
    const auto full = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(kWidth)));
    text = formatted("[{}{}] ", std::string(full, '#'), std::string(static_cast<std::size_t>(kWidth) - full, '.'));
  }
  text +=
      formatted("{:.0f} %, {} {} of {}, {:.0f} a second", 100 * fraction, progress.unit, progress.step, total, rate);
  if (progress.step < total && rate > 0) {
    text += formatted(", {} left", duration_text(static_cast<double>(total - progress.step) / rate));
  }
  if (const std::string status = training.status(); !status.empty()) text += ", " + status;
  return text;
}

}  // namespace ludus::runs
