#include "runs/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/format.h"

namespace ludus::runs {
namespace {

constexpr int kPollMilliseconds = 200;  // the delay after which an interruption is noticed

struct Running {
  std::size_t index = 0;  // in the list of subprocesses
  pid_t pid = -1;
  int out = -1, err = -1;  // read ends; -1 once they are closed
  std::string line;        // of standard error, incomplete
};

[[noreturn]] void fail_to_start(const char* call) {
  throw WorkError(formatted("a subprocess cannot be started: {}: {}", call, std::strerror(errno)));
}

Running start(const Subprocess& subprocess, std::size_t index) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) fail_to_start("pipe");
  if (::pipe2(err.data(), O_CLOEXEC) != 0) {
    ::close(out[0]), ::close(out[1]);
    fail_to_start("pipe");
  }
  std::vector<std::string> words{"ludus"};
  words.insert(words.end(), subprocess.arguments.begin(), subprocess.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  // between fork and exec the child has this process's handlers and would lose a signal
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    // a separate process group: Ctrl-C at the terminal reaches it only through its parent, once
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(out[1]), ::close(err[1]);
  if (pid < 0) {
    ::close(out[0]), ::close(err[0]);
    fail_to_start("fork");
  }
  return {.index = index, .pid = pid, .out = out[0], .err = err[0], .line = {}};
}

// Reads the available bytes; returns false at the end of the stream.
bool read_some(int descriptor, std::string& into) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::size_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

std::vector<SubprocessResult> run_subprocesses(const std::vector<Subprocess>& subprocesses, std::size_t max_running,
                                               const std::function<bool()>& interrupted,
                                               const std::function<void(const std::string& line)>& forward) {
  std::vector<SubprocessResult> results(subprocesses.size());
  std::vector<Running> running;
  std::size_t next = 0;
  bool signalled = false;
  while (next < subprocesses.size() || !running.empty()) {
    // an interruption: pass it on once, and start no more
    if (interrupted()) {
      if (!signalled) {
        for (const Running& process : running) ::kill(process.pid, SIGINT);
      }
      signalled = true;
      next = subprocesses.size();
    }
    while (next < subprocesses.size() && running.size() < std::max<std::size_t>(max_running, 1)) {
      running.push_back(start(subprocesses[next], next));
      results[next].started = true;
      ++next;
    }

    // read their output
    std::vector<pollfd> watched;
    for (const Running& process : running) {
      watched.push_back({process.out, POLLIN, 0});  // poll() skips a negative descriptor
      watched.push_back({process.err, POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), kPollMilliseconds);
    for (std::size_t i = 0; i < running.size(); ++i) {
      Running& process = running[i];
      if (watched[2 * i].revents && !read_some(process.out, results[process.index].output)) {
        ::close(process.out);
        process.out = -1;
      }
      if (watched[2 * i + 1].revents && !read_some(process.err, process.line)) {
        if (!process.line.empty()) process.line += '\n';
        ::close(process.err);
        process.err = -1;
      }
      for (std::size_t end = process.line.find('\n'); end != std::string::npos; end = process.line.find('\n')) {
        forward(formatted("[{}] {}", subprocesses[process.index].name, process.line.substr(0, end)));
        process.line.erase(0, end + 1);
      }
    }

    // a process is done when both streams are closed
    for (auto process = running.begin(); process != running.end();) {
      if (process->out == -1 && process->err == -1) {
        results[process->index].exit_code = wait_for(process->pid);
        process = running.erase(process);
      } else {
        ++process;
      }
    }
  }
  return results;
}

}  // namespace ludus::runs
