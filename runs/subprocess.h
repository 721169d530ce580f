/// @file
/// Processes of this program itself, several at once: one for each seed of a training.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ludus::runs {

struct Subprocess {
  std::string name;                    ///< prefix of every line that it writes to standard error
  std::vector<std::string> arguments;  ///< of the command line, without the program's name
};

struct SubprocessResult {
  bool started = false;  ///< false if an interruption came first
  int exit_code = 0;     ///< 128 + signal if a signal ended it
  std::string output;    ///< standard output
};

/// Runs the subprocesses, at most `max_running` at a time, and forwards their standard error line by line, each line
/// with the subprocess's name before it. When `interrupted` becomes true no further one is started, and the running
/// ones get SIGINT once and are waited for. Subprocesses die with this process. Throws WorkError if one cannot be
/// started.
std::vector<SubprocessResult> run_subprocesses(const std::vector<Subprocess>& subprocesses, std::size_t max_running,
                                               const std::function<bool()>& interrupted,
                                               const std::function<void(const std::string& line)>& forward);

/// Returns the number of CPUs that this process may use.
std::size_t usable_cpus();

}  // namespace ludus::runs
