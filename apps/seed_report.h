/// @file
/// Trains several seeds at once and reports them together.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/value.h"
#include "runs/seed_runs.h"

namespace ludus::apps {

struct SeedReport {
  int exit_code = 0;      ///< of the worst seed: interrupted, wrong input, failed, done
  bool finished = false;  ///< whether every seed completed
  Dict
      metrics;  ///< steps, seconds, best_mean and final_mean (means over the seeds), iqm and iqm_ci of the final means,
                ///< runs: the object that each seed's process printed
};

/// Trains the seeds in subprocesses, as many at once as there are CPUs. Forwards their progress to stderr, and prints a
/// table of the results there. Their folders are `parent`/seed_N.
SeedReport train_and_report(const std::filesystem::path& parent, const std::vector<runs::SeedRun>& seeds);

/// Fewer seeds than this give no interval: the bootstrap of their means covers far less than it says.
inline constexpr std::size_t kSeedsForInterval = 5;

/// Returns the interquartile mean of the seeds' scores with what they say of its precision: "287.40 –" for one seed,
/// "287.40 (range 280.00 to 291.00)" for fewer than kSeedsForInterval, "287.40 [281.20, 290.10]", its 95 % interval,
/// for more.
std::string iqm_over_seeds(const std::vector<double>& scores);

}  // namespace ludus::apps
