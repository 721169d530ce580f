// One training for each of several seeds, each in a process of its own, and what they came to together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/value.h"

namespace ludus::apps {

struct SeedRun {
  std::uint64_t seed = 0;
  std::filesystem::path folder;
  std::vector<std::string> arguments;  // of the program: train … --json
};

struct SeedRunsResult {
  int exit_code = 0;      // of the worst: interrupted, wrong input, failed, done
  bool finished = false;  // whether every seed came to its end
  Dict figures;  // steps, seconds, best_mean and final_mean (means over the seeds), iqm and iqm_ci of the final
                 // means, runs: what each seed's process printed
};

// Trains the seeds, as many at once as there are processors, tells on stderr how each goes, and prints a table of them
// there. Their folders are `parent`/seed_N.
SeedRunsResult run_seeds(const std::filesystem::path& parent, const std::vector<SeedRun>& runs);

// The runs in a folder that run_seeds() made; empty if it is none.
std::vector<SeedRun> seed_runs_in(const std::filesystem::path& parent);

}  // namespace ludus::apps
