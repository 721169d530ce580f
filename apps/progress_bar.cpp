#include "apps/progress_bar.h"

#include <algorithm>
#include <cmath>

#include "agents/runner/memory_check.h"
#include "apps/table.h"

namespace ludus::apps {
namespace {

constexpr double kTerminalPeriod = 0.1;  // s between two drawings
constexpr double kLinePeriod = 10;       // s between two lines where there is no terminal
constexpr std::int64_t kWidth = 24;      // of the bar, letters

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(std::ceil(seconds), 0.0));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

ProgressBar::ProgressBar(std::string headline, bool terminal, std::function<double()> clock,
                         std::function<void(const std::string&)> write)
    : headline_(std::move(headline)), terminal_(terminal), clock_(std::move(clock)), write_(std::move(write)) {}

bool ProgressBar::on_start(agents::Trainer& trainer) {
  write_(headline_ + "\n");
  const double bytes = trainer.agent().memory_bytes();
  if (bytes > 0) write_("the replay memory takes " + agents::bytes_text(bytes) + "\n");
  start_ = clock_();
  next_ = start_ + (terminal_ ? 0 : kLinePeriod);
  first_steps_ = trainer.steps();
  return true;
}

bool ProgressBar::on_step(agents::Trainer& trainer) {
  const double now = clock_();
  if (now >= next_) {
    draw(trainer);
    next_ = now + (terminal_ ? kTerminalPeriod : kLinePeriod);
  }
  return true;
}

void ProgressBar::on_end(agents::Trainer& trainer) {
  draw(trainer);
  if (terminal_) write_("\n");
}

void ProgressBar::draw(const agents::Trainer& trainer) {
  // the cursor goes back, and what is left of a longer line before is erased
  write_(terminal_ ? "\r" + line(trainer) + "\x1b[K" : line(trainer) + "\n");
}

std::string ProgressBar::line(const agents::Trainer& trainer) const {
  const std::int64_t steps = trainer.steps(), total = std::max<std::int64_t>(trainer.total_steps(), 1);
  const double seconds = std::max(clock_() - start_, 1e-3);
  const double rate = static_cast<double>(steps - first_steps_) / seconds;  // steps a second
  const double share = std::min(static_cast<double>(steps) / static_cast<double>(total), 1.0);

  std::string text;
  if (terminal_) {
    const auto full = static_cast<std::size_t>(std::llround(share * static_cast<double>(kWidth)));
    text = "[" + std::string(full, '#') + std::string(static_cast<std::size_t>(kWidth) - full, '.') + "] ";
  }
  text += fixed(100 * share, 0) + " %, step " + std::to_string(steps) + " of " + std::to_string(total) + ", " +
          fixed(rate, 0) + " a second";
  if (steps < total && rate > 0) text += ", " + duration_text(static_cast<double>(total - steps) / rate) + " left";
  if (trainer.episodes() > 0) {
    text += ", return " + fixed(trainer.recent_return(), 1) + " over the last episodes";
  }
  return text;
}

}  // namespace ludus::apps
