#include "runs/metrics_log.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

MetricsLog::MetricsLog(const std::filesystem::path& run, const std::vector<std::string>& tags, std::int64_t every,
                       Experiment experiment)
    : file_(run / "progress.csv", with_times(tags)),
      events_(run),
      every_(every),
      tags_(tags),
      experiment_(std::move(experiment)) {}

void MetricsLog::on_start(Training&) {
  ended_ = false;
  if (events_.rows() > 0) return;  // written before a resumption
  const Dict& hyperparameters = experiment_.hyperparameters;
  if (!hyperparameters.empty()) {
    const double now = events_.now();
    events_.append_summary(0, experiment_summary(hyperparameters, tags_, now));
    events_.append_summary(0, session_start_summary(hyperparameters, now));
  }
  const std::vector<GraphNode> graph = experiment_.graph ? experiment_.graph() : std::vector<GraphNode>();
  if (!graph.empty()) events_.append_graph(graph);
}

void MetricsLog::on_end(Training& training) {
  const bool interrupted = training.stop_reason() && training.stop_reason()->kind == StopReason::Kind::kInterrupted;
  if (!experiment_.hyperparameters.empty() && !interrupted) {
    events_.append_summary(training.progress().step, session_end_summary(SessionStatus::kSuccess, events_.now()));
    ended_ = true;
  }
  flush();
}

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
