/// @file
/// A child process without a shell, fed through a pipe: runs ffmpeg and gnuplot.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus::render {

/// A program that is not installed.
class ProgramMissing : public InputError {
 public:
  using InputError::InputError;
};

/// Returns whether a program of that name is in PATH.
bool program_exists(const std::string& name);

/// Throws ProgramMissing, with the purpose and how to install it, unless the program is in PATH. `needed_for` completes
/// "… is needed": "to record a video".
void require_program(const std::string& name, const std::string& needed_for);

/// A running program. write() feeds its standard input; output and errors are collected until finish(). It runs in a
/// separate process group, so that Ctrl-C at the terminal does not interrupt it.
class Program {
 public:
  struct Result {
    int status = 0;      ///< exit status; 128 + signal if killed by one
    std::string output;  ///< standard output
    std::string errors;  ///< standard error
  };

  /// Starts arguments[0], searched in PATH, with the remaining arguments. Throws ProgramMissing or WorkError.
  explicit Program(const std::vector<std::string>& arguments);

  /// Kills the program if it is still running.
  ~Program();
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;

  /// Writes to its standard input; returns false if the program has closed it. Never raises SIGPIPE.
  bool write(std::span<const std::byte> bytes);
  bool write(std::string_view text);

  /// Closes the input, waits for the program and returns its result. Call once.
  Result finish();

 private:
  struct Process;
  std::unique_ptr<Process> process_;
};

/// Returns the last non-empty line of `text`, or "it gave no reason": the error of a failed program.
std::string last_line(std::string_view text);

}  // namespace ludus::render
