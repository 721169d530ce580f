#include "apps/console.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"
#include "runs/training.h"

namespace ludus::apps {
namespace {

volatile std::sig_atomic_t g_signalled = 0;  // a signal handler can reach nothing but a global

// The first signal asks for an end with a checkpoint; the second ends at once. Files are written under temporary names
// first, so that none is left half written.
extern "C" void remember_signal(int) {
  if (g_signalled != 0) ::_exit(kInterrupted);
  g_signalled = 1;
}

// Writes everything; on failure returns false and leaves the cause in errno.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The first line of a library's message: torch appends a stack trace.
std::string first_line(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

int fail(int code, std::string sentence) {
  // one line, also where a name out of a file holds line ends
  for (std::size_t at = sentence.find('\n'); at != std::string::npos; at = sentence.find('\n', at)) {
    sentence.replace(at, 1, "\\n");
  }
  print_status(formatted("ludus: {}", sentence));
  return code;
}

int out_of_memory() {
  return fail(kFailed, "out of memory; reduce buffer_size, the number of environments or the number of episodes");
}

// JSON has no NaN; a metric that does not exist is null.
Value without_nan(const Value& value) {
  if (value.is_double() && std::isnan(value.as_double())) return {};
  if (value.is_dict()) {
    Dict result;
    for (const auto& [key, part] : value.as_dict()) result[key] = without_nan(part);
    return result;
  }
  if (value.is_list()) {
    List result;
    for (const Value& part : value.as_list()) result.push_back(without_nan(part));
    return result;
  }
  return value;
}

// Keeps freed memory in the process. A gradient step allocates and frees some megabytes of temporary tensors; by
// default glibc returns them to the system after every step, and every page faults again in the next (10 to 15 % of
// SAC's time with networks of 256 to 400 units).
void keep_freed_memory() {
#if defined(__GLIBC__)
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // glibc's maximum
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

void write_result(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  if (errno == EPIPE) throw BrokenPipe{};
  throw WorkError(formatted("standard output: the result cannot be written: {}", std::strerror(errno)));
}

}  // namespace

void prepare_process() {
  keep_freed_memory();
  // a file opened later must not get the descriptor of a closed standard stream: messages would be written into it
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) == -1) std::_Exit(kFailed);
  }
  std::signal(SIGPIPE, SIG_IGN);  // write() reports a reader that is gone,
  std::signal(SIGXFSZ, SIG_IGN);  // and a file that would exceed the limit
  struct sigaction action {};
  action.sa_handler = remember_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup {};  // ignored where nohup started the program
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
  // the parent process may have blocked them
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  std::set_terminate([] {
    std::_Exit(exit_code_of([]() -> int {
      if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
      throw WorkError("std::terminate was called without an exception");
    }));
  });
}

bool interrupted() {
  return g_signalled != 0;
}

void print(std::string_view text) {
  write_result(printable(text));
}

void print_json(const Value& value) {
  write_result(to_json(without_nan(value)) + "\n");  // JSON has its own form of control characters
}

void print_status(std::string_view line) {
  // a failure of standard error cannot be reported
  write_all(STDERR_FILENO, printable(line) + "\n");
}

void write_stderr(std::string_view text) {
  write_all(STDERR_FILENO, text);
}

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::string quoted(const std::string& word) {
  if (!word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./") ==
          std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

int exit_code_of(const std::function<int()>& work) noexcept {
  try {
    try {
      return work();
    } catch (const BrokenPipe&) {
      return kDone;  // as when `head` ends a pipe
    } catch (const runs::Interrupted& error) {
      return fail(kInterrupted, error.what());
    } catch (const InputError& error) {
      return fail(kUsageError, error.what());
    } catch (const Error& error) {
      return fail(kFailed, error.what());
    } catch (const std::bad_alloc&) {
      return out_of_memory();
    } catch (const std::length_error&) {
      return out_of_memory();  // a vector longer than any possible memory
    } catch (const std::exception& error) {
      if (std::string_view(error.what()).find("can't allocate memory") != std::string_view::npos) {
        return out_of_memory();  // torch's bad_alloc
      }
      return fail(kFailed, formatted("the work failed: {}", first_line(error.what())));
    }
  } catch (...) {
    write_all(STDERR_FILENO, "ludus: the work failed\n");
    return kFailed;
  }
}

}  // namespace ludus::apps
