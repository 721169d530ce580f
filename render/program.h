// Another program, run without a shell, fed through a pipe: how ffmpeg and gnuplot are used.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus::render {

// The program is not installed.
class ProgramMissing : public InputError {
 public:
  using InputError::InputError;
};

// Whether a program of that name can be found along PATH.
bool program_exists(const std::string& name);

// Throws ProgramMissing, saying what it is needed for and how to install it, unless the program can be found;
// `needed_for` completes "… is needed" ("to record a film").
void require_program(const std::string& name, const std::string& needed_for);

// A running program. Its input comes from write(); its output and its complaints are kept until finish(). It runs
// in a process group of its own, so that Ctrl-C at the terminal does not reach it and its work can be finished.
class Program {
 public:
  struct Result {
    int status = 0;      // exit status; 128 + signal where a signal ended it
    std::string output;  // what it wrote to standard output
    std::string errors;  // and to standard error
  };

  // Starts arguments[0], found along PATH, with the rest as its arguments. Throws ProgramMissing or WorkError.
  explicit Program(const std::vector<std::string>& arguments);

  // Kills the program if it is still running.
  ~Program();
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;

  // Gives bytes to its standard input; false if the program no longer listens. Never raises SIGPIPE.
  bool write(std::span<const std::byte> bytes);
  bool write(std::string_view text);

  // Ends the input, waits for the end of the program and tells how it went. To be called once.
  Result finish();

 private:
  struct Process;
  std::unique_ptr<Process> process_;
};

// The last line of `text` that is not empty, or "it gave no reason": what a failed program said last.
std::string last_line(std::string_view text);

}  // namespace ludus::render
