#include "nn/data/file_source.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/format.h"
#include "nn/data/stage.h"

namespace ludus::data {
namespace {

namespace fs = std::filesystem;

// Sorts by the bytes of the paths, which depends neither on the file system nor on the language of the user.
void sort_bytewise(std::vector<fs::path>& paths) {
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
}

bool is_hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

bool is_image(const fs::path& path) {
  static constexpr std::array<std::string_view, 7> kEndings{".jpg", ".jpeg", ".png", ".bmp", ".gif", ".ppm", ".webp"};
  std::string ending = path.extension().string();
  for (char& letter : ending) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

void add_images(const fs::path& folder, std::vector<fs::path>& files) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_hidden(entry.path())) continue;
    if (entry.is_directory()) {
      add_images(entry.path(), files);
    } else if (is_image(entry.path())) {
      files.push_back(entry.path());
    }
  }
}

class FilesStage final : public Stage {
 public:
  FilesStage(const std::vector<fs::path>& files, const std::vector<std::int64_t>& labels)
      : files_(files), labels_(labels) {}
  bool next(Example& example) override {
    if (at_ == files_.size()) return false;
    const std::string path = files_[at_].string();
    example = Example();
    example["path"] = path;
    if (!labels_.empty()) example["label"] = labels_[at_];
    example.origin = {.file = std::make_shared<const std::string>(path), .number = 0, .unit = Origin::Unit::kFile};
    ++at_;
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min<std::uint64_t>(count, files_.size() - at_);
    at_ += static_cast<std::size_t>(skipped);
    return skipped;
  }

 private:
  const std::vector<fs::path>& files_;
  const std::vector<std::int64_t>& labels_;
  std::size_t at_ = 0;
};

class FilesNode final : public Node {
 public:
  FilesNode(std::vector<fs::path> files, std::vector<std::int64_t> labels)
      : files_(std::move(files)), labels_(std::move(labels)) {}
  StagePtr open(const Pass&) const override { return std::make_unique<FilesStage>(files_, labels_); }
  std::optional<std::uint64_t> size() const override { return files_.size(); }
  // the names decide the order, wherever the folder is
  std::string order() const override {
    std::uint32_t names = 0;
    for (const fs::path& file : files_) names = crc32c(file.filename().native() + "\n", names);
    return formatted("files({}, names {:08x})", files_.size(), names);
  }
  std::string key() const override {
    std::string text = "files(";
    for (std::size_t i = 0; i < files_.size(); ++i) {
      text += formatted("{}{}, ", file_key(files_[i].string()), labels_.empty() ? "" : formatted(" {}", labels_[i]));
    }
    return text + ")";
  }
  std::string varies() const override { return {}; }

 private:
  std::vector<fs::path> files_;
  std::vector<std::int64_t> labels_;
};

}  // namespace

std::vector<fs::path> matching_files(const std::string& pattern) {
  glob_t matches{};
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_MARK, nullptr, &matches);
  std::vector<fs::path> files;
  for (std::size_t i = 0; status == 0 && i < matches.gl_pathc; ++i) {
    const std::string_view path = matches.gl_pathv[i];
    if (!path.ends_with('/')) files.emplace_back(path);  // GLOB_MARK ends the names of folders so
  }
  ::globfree(&matches);
  if (files.empty()) throw FileError(formatted("no file matches {}; check the folder and the pattern", pattern));
  sort_bytewise(files);
  return files;
}

Dataset from_paths(const std::vector<fs::path>& paths) {
  return Dataset(std::make_shared<FilesNode>(paths, std::vector<std::int64_t>()));
}

ImageFolder list_image_folder(const fs::path& root) {
  ImageFolder listing;
  try {
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
      if (entry.is_directory() && !is_hidden(entry.path())) folders.push_back(entry.path());
    }
    if (folders.empty()) {
      throw FileError(formatted("{}: a folder for each class is required, and there is none", root.string()));
    }
    sort_bytewise(folders);
    for (const fs::path& folder : folders) {
      std::vector<fs::path> files;
      add_images(folder, files);
      if (files.empty())
        throw FileError(formatted("{}: the folder of a class must hold an image, and it has none", folder.string()));
      sort_bytewise(files);
      listing.labels.insert(listing.labels.end(), files.size(), static_cast<std::int64_t>(listing.classes.size()));
      listing.files.insert(listing.files.end(), files.begin(), files.end());
      listing.classes.push_back(folder.filename().string());
    }
  } catch (const fs::filesystem_error& error) {
    throw FileError(formatted("cannot read {}: {}", error.path1().string(), error.code().message()));
  }
  return listing;
}

Dataset from_image_folder(const ImageFolder& folder) {
  if (folder.files.size() != folder.labels.size()) {
    throw InvalidArgument(formatted("from_image_folder: every file needs a label, got {} files and {} labels",
                                    folder.files.size(), folder.labels.size()));
  }
  return Dataset(std::make_shared<FilesNode>(folder.files, folder.labels));
}

Dataset from_image_folder(const fs::path& root) {
  return from_image_folder(list_image_folder(root));
}

Example load_bytes(Example example, std::string_view path, std::string_view bytes, const fs::path& root) {
  example[bytes] = read_text(root / example.text(path));
  return example;
}

}  // namespace ludus::data
