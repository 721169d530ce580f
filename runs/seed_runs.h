/// @file
/// One run for each of several seeds, each in a separate process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/value.h"

namespace ludus::runs {

struct SeedRun {
  std::uint64_t seed = 0;
  std::filesystem::path folder;
  std::vector<std::string> arguments;  ///< of the program; must make it print one JSON object
};

struct SeedResult {
  bool started = false;  ///< false if an interruption came first
  int exit_code = 0;     ///< 128 + signal if a signal ended the process
  Dict report;           ///< the object that it printed; empty if it printed none

  /// Returns the number under that name; NaN if there is none.
  double number(std::string_view name) const;
};

/// Returns PARENT/seed_N.
std::filesystem::path seed_folder(const std::filesystem::path& parent, std::uint64_t seed);

/// Returns the runs in a folder of seeds, by seed, without arguments; empty if there are none.
std::vector<SeedRun> seed_runs_in(const std::filesystem::path& parent);

/// Returns the number of runs that run_seeds() runs at once: one for each CPU.
std::size_t max_running(const std::vector<SeedRun>& runs);

/// Runs the seeds and forwards their standard error line by line; see run_subprocesses().
std::vector<SeedResult> run_seeds(const std::vector<SeedRun>& runs, const std::function<bool()>& interrupted,
                                  const std::function<void(const std::string& line)>& forward);

}  // namespace ludus::runs
