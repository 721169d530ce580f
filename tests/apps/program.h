// The program under test as a child process: what it says and how it ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ludus::apps {

struct Outcome {
  int code = 0;     // exit code; 128 + signal where a signal ended it
  std::string out;  // standard output
  std::string err;  // standard error
};

struct Surroundings {
  std::filesystem::path folder = {};             // to start in; empty: here
  bool display = false;                          // whether it may see the test's display
  std::optional<std::uint64_t> file_limit = {};  // bytes that a file may grow to: how a test makes a disk full
  std::string stdout_file = {};                  // where standard output goes instead of Outcome::out; "-": closed pipe
  std::function<void(pid_t)> meanwhile = {};     // called once it runs
};

// Runs ludus with those arguments to its end.
Outcome ludus(const std::vector<std::string>& arguments, const Surroundings& surroundings = {});

// An empty folder that is gone at the end of the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A training of a moment: dqn with a small network, 600 steps in CartPole-v1, seed 1. Returns the run's folder.
std::string train_small(const Folder& folder, const std::string& name = "run");

// The arguments of such a training, without --run.
std::vector<std::string> small_training();

// `first` and `second` one after another.
std::vector<std::string> operator+(std::vector<std::string> first, const std::vector<std::string>& second);

std::string contents(const std::filesystem::path& file);
void write(const std::filesystem::path& file, const std::string& text);

// monitor.csv without its time column, which no two runs share.
std::string monitor_without_time(const std::filesystem::path& run);

}  // namespace ludus::apps
