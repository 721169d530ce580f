#include "runs/metrics_log.h"

#include <algorithm>
#include <cmath>

#include "runs/training.h"

namespace ludus::runs {
namespace {

constexpr const char* kElapsed = "time/time_elapsed";  // s
constexpr const char* kRate = "time/fps";              // steps a second

std::vector<std::string> with_times(std::vector<std::string> tags) {
  tags.emplace_back(kElapsed);
  tags.emplace_back(kRate);
  return tags;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& run, const std::vector<std::string>& tags, std::int64_t every)
    : file_(run / "progress.csv", with_times(tags)), events_(run), every_(every) {}

void MetricsLog::on_step(Training& training) {
  const Progress progress = training.progress();
  if (!progress.is_due(every_)) return;
  const double seconds = training.seconds();
  Metrics row = training.metrics();
  row[kElapsed] = std::floor(seconds);
  row[kRate] = std::floor(static_cast<double>(progress.step) / std::max(seconds, 1e-9));
  file_.append(row);
  events_.append(progress.step, row);
  write_rows();
}

void MetricsLog::write_rows() {
  file_.flush();
  events_.flush();
}

void MetricsLog::flush() {
  file_.sync();
  events_.sync();
}

void MetricsLog::accept_missing_rows() {
  file_.accept_missing_rows();
  events_.accept_missing_rows();
}

}  // namespace ludus::runs
