#include "runs/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/format.h"
#include "runs/toml_values.h"

namespace ludus::runs {

namespace fs = std::filesystem;

namespace {

fs::path lock_path(const fs::path& run) {
  return run / "run.lock";
}

// Returns whether that is the name of a file that a training writes into its folder or into checkpoints/.
bool is_run_file(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames{"config.toml",     "monitor.csv",     "progress.csv",
                                                   "evaluations.csv", "model.json",      "model.safetensors",
                                                   "results.json",    "best.safetensors"};
  const bool is_checkpoint = name.starts_with("step_") && name.ends_with(".safetensors");
  return is_checkpoint || name.starts_with("events.out.tfevents.") || std::ranges::find(kNames, name) != kNames.end();
}

// Returns the files of a run in the folder, sorted, temporary ones included.
std::vector<fs::path> run_files_in(const fs::path& run) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::path& folder : {run, checkpoints_folder(run)}) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      const std::string_view target = target_of_temporary(name);
      if (is_run_file(target.empty() ? std::string_view(name) : target)) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

fs::path resolved_run_folder(const fs::path& run) {
  if (run.empty()) throw RunFolderError("the run's folder needs a name, got an empty one; choose one with --run");
  if (std::ranges::none_of(run, [](const fs::path& part) { return part == ".." || part == "."; })) return run;
  std::error_code error;
  const fs::path absolute = fs::absolute(run, error);
  fs::path resolved = error ? fs::path() : fs::weakly_canonical(absolute, error);
  if (error) throw RunFolderError(formatted("{}: cannot be a run's folder ({})", run.string(), error.message()));
  return resolved.has_filename() ? resolved : resolved.parent_path();
}

fs::path config_path(const fs::path& run) {
  return run / "config.toml";
}

bool holds_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(config_path(folder), ignored);
}

bool holds_run_with(const fs::path& folder, std::string_view table) {
  if (!holds_run(folder)) return false;
  const fs::path file = config_path(folder);
  try {
    return parse_toml(read_text(file), file.string()).contains(table);
  } catch (const InputError&) {
    return false;
  }
}

fs::path checkpoints_folder(const fs::path& run) {
  return run / "checkpoints";
}

void require_no_run(const fs::path& folder) {
  if (!holds_run(folder.empty() ? folder : resolved_run_folder(folder))) return;
  throw RunFolderError(formatted(
      "{}: already holds a run; resume it with --resume, or choose another folder with --run", folder.string()));
}

void require_run(const fs::path& folder) {
  if (holds_run(folder)) return;
  throw RunFolderError(formatted("{}: holds no run (there is no config.toml in it)", folder.string()));
}

void make_run_folder(const fs::path& run) {
  std::error_code error;
  fs::create_directories(checkpoints_folder(run), error);
  if (!error && ::access(run.c_str(), W_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) {
    throw RunFolderError(formatted("{}: the run's folder cannot be written ({}); choose another with --run",
                                   run.string(), error.message()));
  }
}

fs::path next_run_folder(const fs::path& parent, std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  for (std::int64_t k = 1;; ++k) {
    fs::path folder = parent / formatted("{}_{}", name, k);
    if (!fs::exists(folder)) return folder;
  }
}

RunFolder::RunFolder(const fs::path& run) : run_(run) {
  for (const fs::path& folder : {checkpoints_folder(run), run}) {
    for (fs::path path = folder; !path.empty() && !fs::exists(path); path = path.parent_path()) {
      if (std::ranges::find(made_, path) == made_.end()) made_.push_back(path);
      if (path == path.parent_path()) break;
    }
  }
  try {
    make_run_folder(run);
    lock();
  } catch (...) {
    std::error_code ignored;
    for (const fs::path& path : made_) fs::remove(path, ignored);  // only empty ones
    throw;
  }
  if (holds_run(run)) {
    remove_left_temporaries(run, is_run_file);
    remove_left_temporaries(checkpoints_folder(run), is_run_file);
  }
  before_ = run_files_in(run);
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!keep_) remove_new_files();
  fs::remove(lock_path(run_), ignored);  // while it is locked: see lock()
  ::close(lock_);
  if (keep_) return;
  for (const fs::path& path : made_) fs::remove(path, ignored);  // only empty ones
}

void RunFolder::remove_new_files() const {
  std::error_code ignored;
  for (const fs::path& file : run_files_in(run_)) {
    if (!std::ranges::binary_search(before_, file)) fs::remove(file, ignored);
  }
}

// flock() locks belong to an open file and end with it. The process that holds the lock removes the file, so a file
// that was locked may no longer be the one of that name: then another is made.
void RunFolder::lock() {
  const fs::path path = lock_path(run_);
  const auto fail = [&](const std::string& fault) { throw RunFolderError(formatted("{}: {}", run_.string(), fault)); };
  while (true) {
    lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock_ < 0) fail(formatted("the run's folder cannot be locked ({})", std::strerror(errno)));
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      ::close(lock_);
      if (error == EINTR) continue;
      if (error == EWOULDBLOCK) {
        fail("another process is training in this folder; wait for its end, or choose another folder with --run");
      }
      fail(formatted("the run's folder cannot be locked ({}); choose a folder on another file system",
                     std::strerror(error)));
    }
    struct stat opened {
    }, named{};
    if (::fstat(lock_, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino) return;
    ::close(lock_);
  }
}

}  // namespace ludus::runs
