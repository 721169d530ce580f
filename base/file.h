// Files written so that a kill or a full disk never leaves half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ludus {

// The disk is full, or the write failed for another reason that is not the input's fault.
class WriteFailed : public WorkError {
 public:
  using WorkError::WorkError;
};

// Writes `bytes` to a temporary file beside `path`, syncs it, renames it over `path` and syncs the folder.
// On any failure the old file is as it was and the temporary one gone. Throws FileError where the place
// cannot be written at all (missing or read-only folder), WriteFailed where the write itself failed.
void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomically(const std::filesystem::path& path, std::string_view text);
// The same for a file in several pieces, one after another, which need not be joined in memory first.
void write_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces);

// Adds `text` at the end of a file, made if it is not there. Throws as write_atomically does; of a write that failed a
// part may have been added.
void append_to_file(const std::filesystem::path& path, std::string_view text);

// The whole file; throws FileError naming it and the reason.
std::vector<std::byte> read_bytes(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

}  // namespace ludus
