// Processes of this program itself, several at once: the seeds of a training.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ludus::apps {

struct Subprocess {
  std::string name;                    // put before every line that it writes to standard error
  std::vector<std::string> arguments;  // of the command line, without the program's name
};

struct SubprocessResult {
  bool started = false;  // false if an interruption came first
  int exit_code = 0;     // 128 + signal where a signal ended it
  std::string output;    // what it wrote to standard output
};

// Runs the children, at most `at_once` at a time, and passes what they write to standard error on, line by line with
// their names before it. When `interrupted` becomes true no further one is started, and those that run get SIGINT once
// and are waited for. Children die with this process. Throws WorkError if none can be started.
std::vector<SubprocessResult> run_subprocesses(const std::vector<Subprocess>& children, std::size_t at_once,
                                      const std::function<bool()>& interrupted,
                                      const std::function<void(const std::string& line)>& pass_on);

// Processors that this process may use.
std::size_t usable_processors();

}  // namespace ludus::apps
