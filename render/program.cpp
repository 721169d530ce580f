#include "render/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/format.h"

extern char** environ;

namespace ludus::render {
namespace {

// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

[[noreturn]] void throw_start_failure(const std::string& name, int error) {
  throw WorkError(formatted("cannot start the program {}: {}", name, std::strerror(error)));
}

struct Ends {
  Descriptor ours, theirs;
};

// A socket serves as the program's input, because a socket can be written to without raising SIGPIPE.
Ends make_input(const std::string& name) {
  std::array<int, 2> pair;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) throw_start_failure(name, errno);
  return {Descriptor(pair[0]), Descriptor(pair[1])};
}

Ends make_output(const std::string& name) {
  std::array<int, 2> pair;
  if (::pipe2(pair.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw_start_failure(name, errno);
  const int flags = ::fcntl(pair[1], F_GETFL);
  ::fcntl(pair[1], F_SETFL, flags & ~O_NONBLOCK);  // the program expects to wait for its reader
  return {Descriptor(pair[0]), Descriptor(pair[1])};
}

// Appends the available output to `text`, and closes the descriptor at end of file.
void drain(Descriptor& from, std::string& text) {
  std::array<char, 65536> buffer;
  while (from.open()) {
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN) {
      return;
    } else {
      from.close();
    }
  }
}

}  // namespace

struct Program::Process {
  pid_t id = -1;
  Descriptor input, output, errors;
  Result result;

  // Sleeps until there is something to do, and takes in whatever the program has written: a program that could
  // not get rid of its complaints would never read its input.
  bool wait(bool to_write) {
    std::array<pollfd, 3> waits = {pollfd{to_write ? input.get() : -1, POLLOUT, 0}, pollfd{output.get(), POLLIN, 0},
                                   pollfd{errors.get(), POLLIN, 0}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    if (waits[1].revents != 0) drain(output, result.output);
    if (waits[2].revents != 0) drain(errors, result.errors);
    return waits[0].revents != 0;
  }

  void join() {
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    id = -1;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  ~Process() {
    if (id < 0) return;
    ::kill(id, SIGKILL);
    join();
  }
};

bool program_exists(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    struct stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0) return true;
    if (colon == std::string_view::npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

void require_program(const std::string& name, const std::string& needed_for) {
  if (program_exists(name)) return;
  const std::string package = name == "gnuplot" ? "gnuplot-nox" : name;  // Debian's name without a desktop's windows
  throw ProgramMissing(
      formatted("the program {} is needed {} and is not installed; install it (on Debian: sudo apt-get install {})",
                name, needed_for, package));
}

Program::Program(const std::vector<std::string>& arguments) : process_(std::make_unique<Process>()) {
  const std::string& name = arguments.at(0);
  Ends input = make_input(name), output = make_output(name), errors = make_output(name);

  // the three descriptors become 0, 1 and 2; all others close on exec
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.theirs.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.theirs.get(), STDERR_FILENO);

  // signals as a shell would hand them over, whatever this program does with them
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) sigaddset(&defaults, signal);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error = ::posix_spawnp(&process_->id, name.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    process_->id = -1;
    if (error == ENOENT)
      throw ProgramMissing(formatted("the program {} is not installed; install it or fix PATH", name));
    throw_start_failure(name, error);
  }
  process_->input = std::move(input.ours);
  process_->output = std::move(output.ours);
  process_->errors = std::move(errors.ours);
}

Program::~Program() = default;
Program::Program(Program&& other) noexcept = default;
Program& Program::operator=(Program&& other) noexcept = default;

bool Program::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(process_->input.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      while (!process_->wait(true)) {
      }
    } else if (errno != EINTR) {
      return false;  // EPIPE or ECONNRESET: the program is gone, and finish() reports why
    }
  }
  return true;
}

bool Program::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}

Program::Result Program::finish() {
  process_->input.close();
  while (process_->output.open() || process_->errors.open()) process_->wait(false);
  process_->join();
  return std::move(process_->result);
}

namespace {

std::string last_of(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  if (text.empty()) return "it gave no reason";
  const std::size_t start = text.find_last_of("\n\r");
  text.remove_prefix(start == std::string_view::npos ? 0 : start + 1);
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  return std::string(text);
}

}  // namespace

std::string last_line(std::string_view text) {
  std::string line = last_of(text);
  // ffmpeg's counter of equal messages says nothing by itself
  while (line.starts_with("Last message repeated") && text.find(line) != 0) {
    text = text.substr(0, text.rfind(line));
    line = last_of(text);
  }
  return line;
}

}  // namespace ludus::render
