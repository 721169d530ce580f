#include "tests/apps/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ludus::apps {
namespace {

// In the child: makes the surroundings and becomes the program. Only calls that are allowed after fork().
[[noreturn]] void become(const Surroundings& surroundings, char** argv, int out, int err) {
  if (!surroundings.folder.empty() && ::chdir(surroundings.folder.c_str()) != 0) ::_exit(126);
  if (!surroundings.display) ::unsetenv("DISPLAY");
  if (surroundings.file_limit) {
    const struct rlimit limit { *surroundings.file_limit, *surroundings.file_limit };
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  const struct rlimit no_core { 0, 0 };
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execv(LUDUS_PROGRAM, argv);
  ::_exit(126);
}

}  // namespace

Outcome ludus(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  std::vector<std::string> words{"ludus"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::array<int, 2> out{}, err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) std::abort();
  int out_end = out[1];
  if (surroundings.stdout_file == "-") {
    ::close(out[0]);
    out[0] = -1;
  } else if (!surroundings.stdout_file.empty()) {
    out_end = ::open(surroundings.stdout_file.c_str(), O_WRONLY | O_CLOEXEC);
  }
  const pid_t pid = ::fork();
  if (pid == 0) become(surroundings, argv.data(), out_end, err[1]);
  ::close(out[1]);
  ::close(err[1]);
  if (out_end != out[1]) ::close(out_end);
  if (surroundings.meanwhile) surroundings.meanwhile(pid);

  Outcome outcome;
  while (out[0] != -1 || err[0] != -1) {
    std::array<pollfd, 2> watched{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), -1);
    for (const auto& [descriptor, text, ready] :
         {std::tuple{&out[0], &outcome.out, watched[0].revents}, {&err[0], &outcome.err, watched[1].revents}}) {
      if (ready == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t count = ::read(*descriptor, buffer.data(), buffer.size());
      if (count > 0) {
        text->append(buffer.data(), static_cast<std::size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        ::close(*descriptor);
        *descriptor = -1;
      }
    }
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  outcome.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return outcome;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "ludus_apps_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> small_training() {
  return {"train",           "dqn",
          "--env",           "CartPole-v1",
          "--steps",         "600",
          "--seed",          "1",
          "--set",           "hidden=[8]",
          "--set",           "buffer_size=1000",
          "--set",           "learning_starts=100",
          "--eval-episodes", "2",
          "--eval-every",    "300"};
}

std::vector<std::string> operator+(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::string train_small(const Folder& folder, const std::string& name) {
  const std::string run = folder / name;
  const Outcome outcome = ludus(small_training() + std::vector<std::string>{"--run", run});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return run;
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string monitor_without_time(const std::filesystem::path& run) {
  std::istringstream lines(contents(run / "monitor.csv"));
  std::string text;
  for (std::string line; std::getline(lines, line);) text += line.substr(0, line.rfind(',')) + "\n";
  return text;
}

}  // namespace ludus::apps
