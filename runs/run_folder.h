/// @file
/// The folder that a training leaves behind.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus::runs {

/// A run's folder is missing, incomplete, occupied or cannot be written.
class RunFolderError : public InputError {
 public:
  using InputError::InputError;
};

/// config.toml: the configuration of the run. A folder with this file holds a run.
std::filesystem::path config_path(const std::filesystem::path& run);
bool holds_run(const std::filesystem::path& folder);

/// Returns whether the folder holds a run with this table in its configuration: "fit", "gan".
bool holds_run_with(const std::filesystem::path& folder, std::string_view table);

std::filesystem::path checkpoints_folder(const std::filesystem::path& run);

/// Returns `run` without "." and "..", so that one folder has one spelling: "NEW/.." is the present folder, also where
/// NEW does not exist. Throws RunFolderError for an empty path.
std::filesystem::path resolved_run_folder(const std::filesystem::path& run);

/// Throws RunFolderError if the folder holds a run.
void require_no_run(const std::filesystem::path& folder);
/// Throws RunFolderError unless the folder holds a run.
void require_run(const std::filesystem::path& folder);

/// Makes the folder and those in it. Throws RunFolderError if it cannot be written.
void make_run_folder(const std::filesystem::path& run);

/// Returns the first of PARENT/NAME_1, PARENT/NAME_2, … that does not exist; a '/' in the name becomes '_'.
std::filesystem::path next_run_folder(const std::filesystem::path& parent, std::string name);

/// A run folder while this process trains in it. It is made if it does not exist, and locked, so that two trainings
/// never write into one folder. The lock is a lock of the operating system on the file run.lock and ends with the
/// process, however that ends.
class RunFolder {
 public:
  /// Makes and locks the folder, and removes temporary files that a killed process left in a run. Throws RunFolderError
  /// if the folder cannot be written or another process trains in it.
  explicit RunFolder(const std::filesystem::path& run);
  /// Unlocks the folder. Unless keep() was called, first removes the files of a run and the folders that did not exist
  /// before, each by its name, so that a training that could not begin leaves nothing.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// The training has begun: what it wrote stays.
  void keep() { keep_ = true; }

 private:
  void lock();
  void remove_new_files() const;

  std::filesystem::path run_;
  std::vector<std::filesystem::path> made_;    // folders, from the bottom up
  std::vector<std::filesystem::path> before_;  // files, sorted
  int lock_ = -1;                              // file descriptor
  bool keep_ = false;
};

}  // namespace ludus::runs
