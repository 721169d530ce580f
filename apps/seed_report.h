/// @file
/// Trains several seeds at once and reports them together.
#pragma once

#include <filesystem>
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

}  // namespace ludus::apps
