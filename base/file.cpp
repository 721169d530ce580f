#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace ludus {
namespace {

// Closes a file descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

constexpr std::string_view kTemporaryMark = ".tmp";  // followed by the number of the process

std::string reason(int error) {
  return std::strerror(error);
}

// A full disk, an exceeded quota, a failing device or too many open files is not an error of the path.
[[noreturn]] void throw_write_error(const std::filesystem::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    throw WriteFailed(formatted("cannot write {}: {}; free some space and run again", path.string(), reason(error)));
  }
  if (error == EIO) {
    throw WriteFailed(
        formatted("cannot write {}: {}; the device failed: write to another one", path.string(), reason(error)));
  }
  if (error == EMFILE || error == ENFILE) {
    throw WriteFailed(formatted(
        "cannot write {}: {}; too many files are open: raise the limit (ulimit -n), or run fewer trainings at once",
        path.string(), reason(error)));
  }
  throw FileError(formatted("cannot write {}: {}; choose a writable place", path.string(), reason(error)));
}

// Opens a file; a signal that arrives in the meantime does not matter.
int open_file(const std::filesystem::path& path, int flags) {
  while (true) {
    const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EINTR) return file;
  }
}

void write_all(const Descriptor& file, const std::filesystem::path& path, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw_write_error(path, errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces) {
  std::filesystem::path temporary = path;
  temporary += std::string(kTemporaryMark) + std::to_string(::getpid());

  try {
    Descriptor file(open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC));
    if (file.get() < 0) throw_write_error(path, errno);
    for (const std::span<const std::byte> bytes : pieces) write_all(file, path, bytes);

    // the data must reach the disk before the name refers to it
    if (::fsync(file.get()) != 0 || file.close() != 0) throw_write_error(path, errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw_write_error(path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }

  // sync the folder too, so that the rename is durable; file systems without this operation return EINVAL
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor directory(open_file(folder, O_RDONLY | O_DIRECTORY));
  if (directory.get() >= 0) ::fsync(directory.get());
}

void write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  write_atomically(path, std::span<const std::span<const std::byte>>(&bytes, 1));
}

void write_atomically(const std::filesystem::path& path, std::string_view text) {
  write_atomically(path, std::as_bytes(std::span(text)));
}

void append_to_file(const std::filesystem::path& path, std::string_view text) {
  Descriptor file(open_file(path, O_WRONLY | O_CREAT | O_APPEND));
  if (file.get() < 0) throw_write_error(path, errno);
  write_all(file, path, std::as_bytes(std::span(text)));
  if (file.close() != 0) throw_write_error(path, errno);
}

void sync_file(const std::filesystem::path& path) {
  const Descriptor file(open_file(path, O_RDONLY));
  if (file.get() < 0 || ::fsync(file.get()) != 0) throw_write_error(path, errno);
}

std::string_view target_of_temporary(std::string_view name) {
  const std::size_t mark = name.rfind(kTemporaryMark);
  if (mark == std::string_view::npos || mark == 0) return {};
  const std::string_view process = name.substr(mark + kTemporaryMark.size());
  if (process.empty() || process.find_first_not_of("0123456789") != std::string_view::npos) return {};
  return name.substr(0, mark);
}

void remove_left_temporaries(const std::filesystem::path& folder,
                             const std::function<bool(std::string_view file)>& is_ours) {
  std::error_code ignored;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string_view target = target_of_temporary(name);
    if (!target.empty() && is_ours(target)) left.push_back(entry.path());
  }
  for (const std::filesystem::path& file : left) std::filesystem::remove(file, ignored);
}

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  // without O_NONBLOCK, opening a pipe waits for a writer
  const Descriptor file(open_file(path, O_RDONLY | O_NONBLOCK));
  if (file.get() < 0) throw FileError(formatted("cannot read {}: {}", path.string(), reason(errno)));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) throw FileError(formatted("cannot read {}: {}", path.string(), reason(errno)));
  if (S_ISDIR(facts.st_mode)) throw FileError(formatted("cannot read {}: it is a folder, not a file", path.string()));
  if (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode)) {
    throw FileError(formatted("cannot read {}: it is a pipe, not a file", path.string()));
  }

  std::vector<std::byte> bytes(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(filled + 4096);  // the file may have grown, or may not report its size
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw FileError(formatted("cannot read {}: {}", path.string(), reason(errno)));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::string read_text(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ludus
