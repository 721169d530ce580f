#include "apps/seed_report.h"

#include <chrono>
#include <cmath>
#include <limits>

#include "apps/console.h"
#include "apps/table.h"
#include "base/format.h"
#include "runs/statistics.h"

namespace ludus::apps {
namespace {

// Of two exit codes the more important: an interruption, then wrong input, then a failure.
int worse(int a, int b) {
  const auto rank = [](int code) {
    switch (code) {
      case kDone: return 0;
      case kUsageError: return 2;
      case kInterrupted: return 3;
      default: return 1;
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

// A process that a signal ended has failed, whatever its code; one that was not started was interrupted.
int code_of(const runs::SeedResult& result) {
  if (!result.started) return kInterrupted;
  const bool known = result.exit_code <= kUsageError || result.exit_code == kInterrupted;
  return known ? result.exit_code : kFailed;
}

std::string state_of(const runs::SeedResult& result) {
  if (!result.started) return "not started";
  if (result.exit_code == kDone) return "done";
  if (result.exit_code == kInterrupted) return "interrupted";
  return formatted("failed with exit code {}", result.exit_code);
}

double mean_or_nan(const std::vector<double>& values) {
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : runs::mean(values);
}

}  // namespace

std::string iqm_over_seeds(const std::vector<double>& scores) {
  const runs::Summary summary = runs::summarise({scores});
  const std::string iqm = fixed(summary.iqm, 2);
  if (scores.size() == 1) return iqm + " –";
  if (scores.size() < kSeedsForInterval) {
    return formatted("{} (range {} to {})", iqm, fixed(summary.min, 2), fixed(summary.max, 2));
  }
  return formatted("{} [{}, {}]", iqm, fixed(summary.iqm_ci.low, 2), fixed(summary.iqm_ci.high, 2));
}

SeedReport train_and_report(const std::filesystem::path& parent, const std::vector<runs::SeedRun>& seeds) {
  print_status(formatted("{} seeds, {} at once, in {}", seeds.size(), runs::max_running(seeds), parent.string()));
  const auto start = std::chrono::steady_clock::now();
  const std::vector<runs::SeedResult> results =
      runs::run_seeds(seeds, interrupted, [](const std::string& line) { print_status(line); });

  SeedReport report;
  report.finished = true;
  Table table{.header = {"seed", "steps", "seconds", "best mean", "final mean", "state"},
              .rows = {},
              .right = {true, true, true, true, true, false}};
  std::vector<double> best, final;
  std::int64_t steps = 0;
  List objects;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const runs::SeedResult& result = results[i];
    const double best_mean = result.number("best_mean"), final_mean = result.number("final_mean");
    table.rows.push_back({std::to_string(seeds[i].seed), fixed(result.number("steps"), 0),
                          fixed(result.number("seconds"), 1), fixed(best_mean, 2), fixed(final_mean, 2),
                          state_of(result)});
    if (std::isfinite(result.number("steps"))) steps += static_cast<std::int64_t>(result.number("steps"));
    if (std::isfinite(best_mean)) best.push_back(best_mean);
    if (std::isfinite(final_mean)) final.push_back(final_mean);
    if (!result.report.empty()) objects.emplace_back(result.report);
    report.exit_code = worse(code_of(result), report.exit_code);
    report.finished = report.finished && code_of(result) == kDone;
  }

  std::string text = to_text(table);
  report.metrics = {{"steps", steps},
                    {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()},
                    {"best_mean", mean_or_nan(best)},
                    {"final_mean", mean_or_nan(final)},
                    {"iqm", Value()},
                    {"iqm_ci", Value()}};
  if (!final.empty()) {
    const runs::Summary summary = runs::summarise({final});
    report.metrics["iqm"] = summary.iqm;
    if (final.size() >= kSeedsForInterval) report.metrics["iqm_ci"] = List{summary.iqm_ci.low, summary.iqm_ci.high};
    text += formatted("final mean over {} {}: {}, IQM {}\n", final.size(), final.size() == 1 ? "seed" : "seeds",
                      fixed(summary.mean, 2), iqm_over_seeds(final));
  }
  report.metrics["runs"] = std::move(objects);
  text.pop_back();  // print_status() ends the line
  print_status(text);
  return report;
}

}  // namespace ludus::apps
