// What a command says and how it ends: standard output, standard error, signals, exit codes.
#pragma once

#include <functional>
#include <string_view>

#include "base/value.h"

namespace ludus::apps {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;         // the input was right and the work failed
inline constexpr int kUsageError = 2;     // the command line or an input is wrong
inline constexpr int kInterrupted = 130;  // Ctrl-C: 128 + SIGINT, as shells count

// To be called first: gives closed standard streams a place to go, ignores SIGPIPE and SIGXFSZ, lets SIGINT and SIGTERM only raise a
// flag, turns a death by an exception that nobody catches into a sentence, and keeps freed memory for the next step of learning.
void prepare_process();

// Whether SIGINT or SIGTERM has arrived.
bool interrupted();

// Writes to standard output, all of it. Throws WorkError if it cannot be written, and BrokenPipe if nobody reads it any more.
void print(std::string_view text);
struct BrokenPipe {};

// The one JSON object of --json, on a line of its own; numbers that are NaN become null.
void print_json(const Value& value);

// One line on standard error: progress, warnings, what a person wants to know beside the result.
void print_status(std::string_view line);
// Text without a line end of its own.
void write_stderr(std::string_view text);

bool stderr_is_terminal();

// Runs `work` and gives its exit code; whatever it throws becomes one sentence on standard error and the code of its family.
int exit_code_of(const std::function<int()>& work) noexcept;

}  // namespace ludus::apps
