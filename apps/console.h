/// @file
/// Output, signals and exit codes of a command.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/value.h"

namespace ludus::apps {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;         ///< the input was right and the work failed
inline constexpr int kUsageError = 2;     ///< the command line or an input is wrong
inline constexpr int kInterrupted = 130;  ///< Ctrl-C: 128 + SIGINT, as shells count

/// Must be called first. Opens closed standard streams on /dev/null, ignores SIGPIPE and SIGXFSZ, makes the first
/// SIGINT, SIGTERM or SIGHUP only set a flag and the second end the program at once, reports uncaught exceptions in one
/// line, and keeps freed memory in the process.
void prepare_process();

/// Returns whether SIGINT, SIGTERM or SIGHUP has arrived.
bool interrupted();

/// Writes all of `text` to standard output, control characters as text (base/text.h, printable). Throws WorkError if
/// that fails, and BrokenPipe if its reader is gone.
void print(std::string_view text);
struct BrokenPipe {};

/// Prints the JSON object of --json on one line; NaN becomes null.
void print_json(const Value& value);

/// Writes one line to standard error, control characters as text: progress, warnings, information in addition to the
/// result.
void print_status(std::string_view line);
/// Writes text without adding a line end.
void write_stderr(std::string_view text);

bool stderr_is_terminal();

/// Quotes a word for the shell, where it needs it.
std::string quoted(const std::string& word);

/// Runs `work` and returns its exit code; an exception becomes one sentence on standard error and the exit code of its
/// type.
int exit_code_of(const std::function<int()>& work) noexcept;

}  // namespace ludus::apps
