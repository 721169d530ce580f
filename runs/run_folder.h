/// @file
/// The folder that a training leaves behind.
#pragma once

#include <filesystem>
#include <string>
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

std::filesystem::path checkpoints_folder(const std::filesystem::path& run);

/// Returns the folder of a run in `folder`: a path with "..", which may lead through a folder that does not exist yet
/// ("new/.."), is replaced by the folder that it stands for.
std::filesystem::path resolved_folder(const std::filesystem::path& folder);

/// Throws RunFolderError if the folder holds a run.
void require_no_run(const std::filesystem::path& folder);
/// Throws RunFolderError unless the folder holds a run.
void require_run(const std::filesystem::path& folder);

/// Makes the folder and those in it. Throws RunFolderError if it cannot be written.
void make_run_folder(const std::filesystem::path& run);

/// Returns the first of PARENT/NAME_1, PARENT/NAME_2, … that does not exist; a '/' in the name becomes '_'.
std::filesystem::path next_run_folder(const std::filesystem::path& parent, std::string name);

/// The folders of a run to be made, so that a training that cannot start leaves none behind.
class NewRunFolder {
 public:
  explicit NewRunFolder(const std::filesystem::path& run);

  /// Removes the files of a run from the folder, and it and those above it that did not exist before if they are empty
  /// then, unless it holds a run. A folder that existed before is not touched.
  void remove_if_not_started() const;

 private:
  std::vector<std::filesystem::path> missing_;  // at first, from the bottom up
};

}  // namespace ludus::runs
