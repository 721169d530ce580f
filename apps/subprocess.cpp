#include "apps/subprocess.h"

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

namespace ludus::apps {
namespace {

constexpr int kPollMilliseconds = 200;  // how late an interruption may be noticed

struct Running {
  std::size_t index = 0;  // in the list of children
  pid_t pid = -1;
  int out = -1, err = -1;  // read ends; -1 once at their end
  std::string line;        // of standard error, not yet at its end
};

[[noreturn]] void fail_to_start(const char* what) {
  throw WorkError(std::string("a training cannot be started as a process of its own: ") + what + ": " +
                  std::strerror(errno));
}

Running start(const Subprocess& child, std::size_t index) {
  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) fail_to_start("pipe");
  if (::pipe2(err.data(), O_CLOEXEC) != 0) {
    ::close(out[0]), ::close(out[1]);
    fail_to_start("pipe");
  }
  std::vector<std::string> words{"ludus"};
  words.insert(words.end(), child.arguments.begin(), child.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  // between fork and exec the child has this process's handlers, and would lose a signal
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    // a process group of its own: Ctrl-C at the terminal reaches it through its parent alone, once
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

// Reads what is there; false at the end.
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

std::size_t usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

std::vector<SubprocessResult> run_subprocesses(const std::vector<Subprocess>& children, std::size_t at_once,
                                      const std::function<bool()>& interrupted,
                                      const std::function<void(const std::string& line)>& pass_on) {
  std::vector<SubprocessResult> results(children.size());
  std::vector<Running> running;
  std::size_t next = 0;
  bool told = false;  // the children, of the interruption
  while (next < children.size() || !running.empty()) {
    if (interrupted()) {
      if (!told) {
        for (const Running& child : running) ::kill(child.pid, SIGINT);
      }
      told = true;
      next = children.size();
    }
    while (next < children.size() && running.size() < std::max<std::size_t>(at_once, 1)) {
      running.push_back(start(children[next], next));
      results[next].started = true;
      ++next;
    }

    // what they say
    std::vector<pollfd> watched;
    for (const Running& child : running) {
      watched.push_back({child.out, POLLIN, 0});  // a negative descriptor is passed over
      watched.push_back({child.err, POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), kPollMilliseconds);
    for (std::size_t i = 0; i < running.size(); ++i) {
      Running& child = running[i];
      if (watched[2 * i].revents && !read_some(child.out, results[child.index].output)) {
        ::close(child.out);
        child.out = -1;
      }
      if (watched[2 * i + 1].revents && !read_some(child.err, child.line)) {
        if (!child.line.empty()) child.line += '\n';
        ::close(child.err);
        child.err = -1;
      }
      for (std::size_t end = child.line.find('\n'); end != std::string::npos; end = child.line.find('\n')) {
        pass_on("[" + children[child.index].name + "] " + child.line.substr(0, end));
        child.line.erase(0, end + 1);
      }
    }

    // who is done: both streams are at their end
    for (auto child = running.begin(); child != running.end();) {
      if (child->out == -1 && child->err == -1) {
        results[child->index].exit_code = wait_for(child->pid);
        child = running.erase(child);
      } else {
        ++child;
      }
    }
  }
  return results;
}

}  // namespace ludus::apps
