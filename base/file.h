// Atomic file writes: an interrupted write or a full disk never leaves a partial file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus {

/// The disk is full, or the write failed for a reason unrelated to the input.
class WriteFailed : public WorkError {
 public:
  using WorkError::WorkError;
};

/// Writes `bytes` to a temporary file in the folder of `path`, syncs it, renames it to `path` and syncs the folder. On
/// failure the old file is unchanged and the temporary file is removed. Throws FileError if the path is not writable
/// (missing or read-only folder), WriteFailed if the write itself fails.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomically(const std::filesystem::path& path, std::string_view text);
/// Writes a file from several pieces in order, without joining them in memory first.
void write_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces);

/// Appends `text` to a file, which is created if it does not exist. Throws as write_atomically does. A failed append
/// may leave part of the text in the file.
void append_to_file(const std::filesystem::path& path, std::string_view text);

/// Returns once the content of a file is on the disk: a power cut then loses none of it. Throws as write_atomically
/// does.
void sync_file(const std::filesystem::path& path);

/// Removes temporary files that write_atomically() left in `folder` when its process was killed, of the files for which
/// `is_ours` returns true. Only call it where no other process writes these files.
void remove_left_temporaries(const std::filesystem::path& folder,
                             const std::function<bool(std::string_view file)>& is_ours);
/// Returns the name of the file that a temporary file of write_atomically() was to become; empty for any other name.
std::string_view target_of_temporary(std::string_view name);

/// Returns the content of a file. Throws FileError naming the file and the reason.
std::vector<std::byte> read_bytes(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

}  // namespace ludus
