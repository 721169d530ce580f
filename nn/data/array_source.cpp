#include "nn/data/array_source.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <set>

#include "base/crc32c.h"
#include "base/format.h"
#include "nn/data/stage.h"
#include "nn/io/idx.h"
#include "nn/io/npy.h"

namespace ludus::data {
namespace {

// Throws unless the names are unique and the arrays have the same number of rows, which is returned.
std::uint64_t common_rows(std::string_view source, const std::vector<std::pair<std::string, Shape>>& arrays) {
  if (arrays.empty()) throw InvalidArgument(formatted("{}: at least one array is required, got none", source));
  std::set<std::string_view> names;
  for (const auto& [name, shape] : arrays) {
    if (!names.insert(name).second) throw InvalidArgument(formatted("{}: the name \"{}\" occurs twice", source, name));
    if (shape.rank() == 0) {
      throw InvalidArgument(
          formatted("{}: \"{}\" is a single number; an array of rank 1 or more is required", source, name));
    }
    if (shape[0] != arrays.front().second[0]) {
      throw InvalidArgument(formatted("{}: the arrays must have equally many rows, and \"{}\" has {} and \"{}\" {}",
                                      source, arrays.front().first, arrays.front().second[0], name, shape[0]));
    }
  }
  return static_cast<std::uint64_t>(arrays.front().second[0]);
}

// ---- in memory

class ArraysStage final : public Stage {
 public:
  ArraysStage(const NamedArrays& arrays, std::uint64_t rows) : arrays_(arrays), rows_(rows) {
    for (const auto& [name, array] : arrays) {
      const Shape& shape = array.shape();
      row_shapes_.emplace_back(std::span<const std::int64_t>(shape.begin() + 1, shape.end()));
    }
  }
  bool next(Example& example) override {
    if (at_ == rows_) return false;
    example = Example();
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const auto& [name, array] = arrays_[i];
      Array row(array.dtype(), row_shapes_[i]);
      const std::size_t bytes = row.bytes().size();
      if (bytes > 0) std::memcpy(row.bytes().data(), array.bytes().data() + at_ * bytes, bytes);
      example[name] = std::move(row);
    }
    ++at_;
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min(count, rows_ - at_);
    at_ += skipped;
    return skipped;
  }

 private:
  const NamedArrays& arrays_;
  std::vector<Shape> row_shapes_;
  std::uint64_t rows_;
  std::uint64_t at_ = 0;
};

class ArraysNode final : public Node {
 public:
  explicit ArraysNode(NamedArrays arrays) : arrays_(std::move(arrays)) {
    std::vector<std::pair<std::string, Shape>> shapes;
    for (const auto& [name, array] : arrays_) shapes.emplace_back(name, array.shape());
    rows_ = common_rows("from_arrays", shapes);
  }
  StagePtr open(const Pass&) const override { return std::make_unique<ArraysStage>(arrays_, rows_); }
  std::optional<std::uint64_t> size() const override { return rows_; }
  std::string order() const override { return formatted("arrays({} rows)", rows_); }
  std::string key() const override {
    std::string text = "arrays(";
    for (const auto& [name, array] : arrays_) {
      text += formatted("{} {} {} {:08x}, ", name, name_of(array.dtype()), array.shape().to_string(),
                        crc32c(array.bytes()));
    }
    return text + ")";
  }
  std::string varies() const override { return {}; }

 private:
  NamedArrays arrays_;
  std::uint64_t rows_ = 0;
};

// ---- in files

using OpenArray = std::function<io::ArrayStream()>;

struct FileArray {
  std::string name;
  std::filesystem::path file;
  OpenArray open;
};

class FileArraysStage final : public Stage {
 public:
  FileArraysStage(const std::vector<FileArray>& arrays, std::uint64_t rows) : arrays_(arrays), rows_(rows) {
    for (const FileArray& array : arrays) {
      streams_.push_back(array.open());
      if (streams_.back().shape().rank() == 0 || streams_.back().rows() != rows) {
        throw FileError(
            formatted("{} had {} rows when the dataset was made, and its shape is now {}; files must not change",
                      array.file.string(), rows, streams_.back().shape().to_string()));
      }
    }
    file_ = std::make_shared<const std::string>(arrays.front().file.string());
  }
  bool next(Example& example) override {
    if (at_ == rows_) return false;
    example = Example();
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      Array row;
      streams_[i].next(row);
      example[arrays_[i].name] = std::move(row);
    }
    example.origin = {.file = file_, .number = at_++, .unit = Origin::Unit::kRow};
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min(count, rows_ - at_);
    for (io::ArrayStream& stream : streams_) stream.skip(skipped);
    at_ += skipped;
    return skipped;
  }

 private:
  const std::vector<FileArray>& arrays_;
  std::vector<io::ArrayStream> streams_;
  std::shared_ptr<const std::string> file_;
  std::uint64_t rows_;
  std::uint64_t at_ = 0;
};

class FileArraysNode final : public Node {
 public:
  FileArraysNode(std::string source, std::vector<FileArray> arrays)
      : source_(std::move(source)), arrays_(std::move(arrays)) {
    std::vector<std::pair<std::string, Shape>> shapes;
    for (const FileArray& array : arrays_) shapes.emplace_back(array.name, array.open().shape());
    rows_ = common_rows(source_, shapes);
  }
  StagePtr open(const Pass&) const override { return std::make_unique<FileArraysStage>(arrays_, rows_); }
  std::optional<std::uint64_t> size() const override { return rows_; }
  std::string order() const override { return formatted("{}({} rows)", source_, rows_); }
  std::string key() const override {
    std::string text = source_ + "(";
    for (const FileArray& array : arrays_) text += formatted("{}: {}, ", array.name, file_key(array.file.string()));
    return text + ")";
  }
  std::string varies() const override { return {}; }

 private:
  std::string source_;
  std::vector<FileArray> arrays_;
  std::uint64_t rows_ = 0;
};

template <class Open>
Dataset from_files_of(std::string source, const std::vector<NamedFile>& files, Open open) {
  std::vector<FileArray> arrays;
  for (const auto& [name, file] : files) arrays.push_back({name, file, [open, path = file] { return open(path); }});
  return Dataset(std::make_shared<FileArraysNode>(std::move(source), std::move(arrays)));
}

}  // namespace

Dataset from_arrays(NamedArrays arrays) {
  return Dataset(std::make_shared<ArraysNode>(std::move(arrays)));
}

Dataset from_idx(const std::vector<NamedFile>& files) {
  return from_files_of("from_idx", files, [](const std::filesystem::path& path) { return io::open_idx(path); });
}

Dataset from_idx(const std::filesystem::path& images, const std::filesystem::path& labels) {
  return from_idx(std::vector<NamedFile>{{"image", images}, {"label", labels}});
}

Dataset from_npy(const std::vector<NamedFile>& files) {
  return from_files_of("from_npy", files, [](const std::filesystem::path& path) { return io::open_npy(path); });
}

Dataset from_npz(const std::filesystem::path& path, const std::vector<std::string>& names) {
  std::vector<FileArray> arrays;
  for (const std::string& name : names.empty() ? io::NpzReader(path).names() : names) {
    arrays.push_back({name, path, [path, name] { return io::NpzReader(path).open(name); }});
  }
  return Dataset(std::make_shared<FileArraysNode>("from_npz", std::move(arrays)));
}

}  // namespace ludus::data
