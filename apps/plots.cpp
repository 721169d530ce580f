#include "apps/plots.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "apps/console.h"
#include "apps/options.h"
#include "base/file.h"
#include "base/format.h"
#include "render/plot.h"
#include "render/program.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

// Returns the returns of every evaluation in a run's evaluations.csv, by environment steps, without incomplete rows.
std::map<double, std::vector<double>> evaluations_in(const fs::path& run) {
  std::map<double, std::vector<double>> evaluations;
  if (!fs::exists(run / "evaluations.csv")) return evaluations;  // a run without evaluations
  const std::string text = read_text(run / "evaluations.csv");
  std::size_t begin = text.find('\n');
  while (begin != std::string::npos && begin + 1 < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin + 1), text.size());
    const std::string row = text.substr(begin + 1, end - begin - 1);
    begin = end;
    double steps = 0;
    std::from_chars(row.data(), row.data() + row.size(), steps);
    std::vector<double>& returns = evaluations[steps];
    const std::size_t last = row.rfind(',');  // the last column: the returns, separated by spaces
    const char* at = row.data() + (last == std::string::npos ? row.size() : last + 1);
    const char* const stop = row.data() + row.size();
    while (at < stop) {
      double value = 0;
      const auto [next, error] = std::from_chars(at, stop, value);
      if (error != std::errc{}) break;
      returns.push_back(value);
      at = next < stop ? next + 1 : next;
    }
    if (returns.empty()) evaluations.erase(steps);
  }
  return evaluations;
}

}  // namespace

void check_plot_path(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension != ".png" && extension != ".svg" && extension != ".pdf") {
    throw UsageError(formatted("--plot: takes a file that ends in .png, .svg or .pdf, got `{}`", path.string()));
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!fs::is_directory(folder)) {
    throw UsageError(formatted("--plot: cannot write {}: there is no folder {}", path.string(), folder.string()));
  }
  render::require_program("gnuplot", "to draw plots");
}

void plot_scores(const fs::path& path, const std::vector<Score>& scores, const std::string& env_id) {
  std::vector<render::Interval> intervals;
  for (const Score& score : scores) {
    intervals.push_back({score.policy, score.summary.iqm, score.summary.iqm_ci.low, score.summary.iqm_ci.high});
  }
  render::plot_comparison(path, intervals, env_id, "return: interquartile mean, 95 % interval");
}

bool draw_curve(const fs::path& folder, const std::vector<fs::path>& runs, const std::string& title) {
  try {
    // the returns of each run at the steps at which all runs were evaluated
    std::map<double, std::vector<std::vector<double>>> strata;
    for (const fs::path& run : runs) {
      for (auto& [steps, returns] : evaluations_in(run)) strata[steps].push_back(std::move(returns));
    }
    std::erase_if(strata, [&](const auto& entry) { return entry.second.size() != runs.size(); });
    if (strata.empty()) return true;  // interrupted before the first evaluation

    render::Curve curve;
    curve.label = runs.size() == 1
                      ? "evaluation: interquartile mean, 95 % interval"
                      : formatted("evaluation of {} seeds: interquartile mean, 95 % interval", runs.size());
    for (const auto& [steps, returns] : strata) {
      const runs::Summary summary = runs::summarise(returns);
      curve.x.push_back(steps);
      curve.y.push_back(summary.iqm);
      curve.low.push_back(summary.iqm_ci.low);
      curve.high.push_back(summary.iqm_ci.high);
    }
    render::plot_curves(folder / "curve.png", std::vector{curve}, title, "environment steps", "return");
  } catch (const render::ProgramMissing& error) {
    print_status(formatted("warning: the curve was not drawn: {}", error.what()));
  } catch (const Error& error) {
    print_status(formatted("ludus: the curve was not drawn: {}", error.what()));
    return false;
  }
  return true;
}

}  // namespace ludus::apps
