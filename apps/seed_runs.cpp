#include "apps/seed_runs.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "runs/statistics.h"
#include "apps/subprocess.h"
#include "apps/console.h"
#include "apps/table.h"
#include "base/value_io.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "seed_";

// What a seed's process printed; nothing where it printed no object.
Dict printed_object(const std::string& output) {
  try {
    return from_json(output).as_dict();
  } catch (const InputError&) {
    return {};
  }
}

double figure(const Dict& printed, std::string_view name) {
  const Value* value = printed.find(name);
  return value && value->is_number() ? value->as_double() : std::numeric_limits<double>::quiet_NaN();
}

// Of the exit codes, the one that tells most: an interruption, then an input that is wrong, then a failure.
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

std::string state_of(const SubprocessResult& result) {
  if (!result.started) return "not started";
  if (result.exit_code == kDone) return "done";
  if (result.exit_code == kInterrupted) return "interrupted";
  return "failed with exit code " + std::to_string(result.exit_code);
}

double mean_or_nan(const std::vector<double>& values) {
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : runs::mean(values);
}

}  // namespace

SeedRunsResult run_seeds(const fs::path& parent, const std::vector<SeedRun>& runs) {
  std::vector<Subprocess> children;
  for (const SeedRun& run : runs) children.push_back({"seed " + std::to_string(run.seed), run.arguments});
  const std::size_t at_once = std::min(usable_processors(), runs.size());
  print_status(std::to_string(runs.size()) + " seeds, " + std::to_string(at_once) + " at once, in " + parent.string());
  const auto start = std::chrono::steady_clock::now();
  const std::vector<SubprocessResult> results =
      run_subprocesses(children, at_once, interrupted, [](const std::string& line) { print_status(line); });

  SeedRunsResult whole;
  Table table{.header = {"seed", "steps", "seconds", "best mean", "final mean", "state"},
              .rows = {},
              .right = {true, true, true, true, true, false}};
  std::vector<double> best, final;
  std::int64_t steps = 0;
  List objects;
  whole.finished = true;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Dict printed = printed_object(results[i].output);
    const double best_mean = figure(printed, "best_mean"), final_mean = figure(printed, "final_mean");
    const double made = figure(printed, "steps");
    table.rows.push_back({std::to_string(runs[i].seed), fixed(made, 0), fixed(figure(printed, "seconds"), 1),
                          fixed(best_mean, 2), fixed(final_mean, 2), state_of(results[i])});
    if (std::isfinite(made)) steps += static_cast<std::int64_t>(made);
    if (std::isfinite(best_mean)) best.push_back(best_mean);
    if (std::isfinite(final_mean)) final.push_back(final_mean);
    if (!printed.empty()) objects.emplace_back(printed);
    // a process that died of SIGTERM or SIGKILL has failed, whatever its number
    const int code = results[i].started ? results[i].exit_code : kInterrupted;
    whole.exit_code = worse(code > kUsageError && code != kInterrupted ? kFailed : code, whole.exit_code);
    whole.finished = whole.finished && code == kDone;
  }

  std::string text = to_text(table);
  whole.figures = {{"steps", steps},
                   {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()},
                   {"best_mean", mean_or_nan(best)},
                   {"final_mean", mean_or_nan(final)},
                   {"iqm", Value()},
                   {"iqm_ci", Value()}};
  if (!final.empty()) {
    const runs::Summary summary = runs::summarise({final});
    whole.figures["iqm"] = summary.iqm;
    whole.figures["iqm_ci"] = List{summary.iqm_ci.low, summary.iqm_ci.high};
    text += "final mean over " + std::to_string(final.size()) + (final.size() == 1 ? " seed: " : " seeds: ") +
            fixed(summary.mean, 2) + ", IQM " + fixed(summary.iqm, 2) + " [" + fixed(summary.iqm_ci.low, 2) + ", " +
            fixed(summary.iqm_ci.high, 2) + "]\n";
  }
  whole.figures["runs"] = std::move(objects);
  text.pop_back();  // say() ends the line
  print_status(text);
  return whole;
}

std::vector<SeedRun> seed_runs_in(const fs::path& parent) {
  std::vector<SeedRun> runs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !fs::exists(entry.path() / "config.toml")) continue;
    std::uint64_t seed = 0;
    const char* last = name.data() + name.size();
    const auto [end, error] = std::from_chars(name.data() + kPrefix.size(), last, seed);
    if (error == std::errc{} && end == last) runs.push_back({.seed = seed, .folder = entry.path(), .arguments = {}});
  }
  std::sort(runs.begin(), runs.end(), [](const SeedRun& a, const SeedRun& b) { return a.seed < b.seed; });
  return runs;
}

}  // namespace ludus::apps
