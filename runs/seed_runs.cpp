#include "runs/seed_runs.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/format.h"
#include "base/value_io.h"
#include "runs/run_folder.h"
#include "runs/subprocess.h"

namespace ludus::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSeedPrefix = "seed_";

Dict printed_object(const std::string& output) {
  try {
    return from_json(output).as_dict();
  } catch (const InputError&) {
    return {};  // it failed before it could print
  }
}

}  // namespace

double SeedResult::number(std::string_view name) const {
  const Value* value = report.find(name);
  return value && value->is_number() ? value->as_double() : std::numeric_limits<double>::quiet_NaN();
}

fs::path seed_folder(const fs::path& parent, std::uint64_t seed) {
  return parent / formatted("{}{}", kSeedPrefix, seed);
}

std::vector<SeedRun> seed_runs_in(const fs::path& parent) {
  std::vector<SeedRun> runs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kSeedPrefix) || !holds_run(entry.path())) continue;
    std::uint64_t seed = 0;
    const char* last = name.data() + name.size();
    const auto [end, error] = std::from_chars(name.data() + kSeedPrefix.size(), last, seed);
    if (error == std::errc{} && end == last) runs.push_back({.seed = seed, .folder = entry.path(), .arguments = {}});
  }
  std::sort(runs.begin(), runs.end(), [](const SeedRun& a, const SeedRun& b) { return a.seed < b.seed; });
  return runs;
}

std::size_t max_running(const std::vector<SeedRun>& runs) {
  return std::min(usable_cpus(), runs.size());
}

std::vector<SeedResult> run_seeds(const std::vector<SeedRun>& runs, const std::function<bool()>& interrupted,
                                  const std::function<void(const std::string& line)>& forward) {
  std::vector<Subprocess> subprocesses;
  for (const SeedRun& run : runs) subprocesses.push_back({formatted("seed {}", run.seed), run.arguments});
  std::vector<SeedResult> results;
  for (const SubprocessResult& process : run_subprocesses(subprocesses, max_running(runs), interrupted, forward)) {
    results.push_back(
        {.started = process.started, .exit_code = process.exit_code, .report = printed_object(process.output)});
  }
  return results;
}

}  // namespace ludus::runs
