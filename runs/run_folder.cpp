#include "runs/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/format.h"

namespace ludus::runs {

namespace fs = std::filesystem;

namespace {

// The files that a training writes before its first checkpoint.
bool is_file_of_run(std::string_view name) {
  return name == "monitor.csv" || name == "progress.csv" || name == "evaluations.csv" ||
         name.starts_with("events.out.tfevents.");
}

}  // namespace

fs::path config_path(const fs::path& run) {
  return run / "config.toml";
}

bool holds_run(const fs::path& folder) {
  return fs::exists(config_path(folder));
}

fs::path checkpoints_folder(const fs::path& run) {
  return run / "checkpoints";
}

fs::path resolved_folder(const fs::path& folder) {
  if (std::find(folder.begin(), folder.end(), "..") == folder.end()) return folder;
  return fs::weakly_canonical(fs::absolute(folder));
}

void require_no_run(const fs::path& folder) {
  if (!holds_run(resolved_folder(folder))) return;
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

NewRunFolder::NewRunFolder(const fs::path& run) {
  for (fs::path path = resolved_folder(run); !path.empty() && !fs::exists(path); path = path.parent_path())
    missing_.push_back(path);
}

void NewRunFolder::remove_if_not_started() const {
  std::error_code ignored;
  if (missing_.empty() || fs::exists(config_path(missing_.front()), ignored)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(missing_.front(), ignored)) {
    if (is_file_of_run(entry.path().filename().string())) fs::remove(entry.path(), ignored);
  }
  fs::remove(checkpoints_folder(missing_.front()), ignored);
  for (const fs::path& path : missing_) fs::remove(path, ignored);  // only empty ones
}

}  // namespace ludus::runs
