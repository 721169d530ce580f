// cache(): results of the first complete pass, in memory or in a file.
#include <unistd.h>

#include <atomic>
#include <mutex>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"
#include "nn/data/steps.h"
#include "nn/io/tfrecord.h"

namespace ludus::data {
namespace {

namespace fs = std::filesystem;

void require_equal_epochs(const Node& node) {
  if (const std::string step = node.varies(); !step.empty()) {
    throw InvalidArgument(
        formatted("cache: the elements differ from epoch to epoch, because {} comes before it; call cache() "
                  "before that step",
                  step));
  }
}

Pass recorded(Pass pass) {
  pass.recorded = true;
  return pass;
}

// ---- in memory

// The elements of a complete pass.
using Elements = std::shared_ptr<const std::vector<Example>>;

struct MemoryCache {
  std::mutex mutex;
  Elements elements;  // null until a pass is complete
};

class RecordingStage final : public Stage {
 public:
  RecordingStage(StagePtr upstream, MemoryCache& cache) : upstream_(std::move(upstream)), cache_(cache) {}
  bool next(Example& example) override {
    if (upstream_->next(example)) {
      elements_.push_back(example);
      return true;
    }
    if (!complete_) {
      complete_ = true;
      const std::lock_guard lock(cache_.mutex);
      cache_.elements = std::make_shared<const std::vector<Example>>(std::move(elements_));
    }
    return false;
  }

 private:
  StagePtr upstream_;
  MemoryCache& cache_;
  std::vector<Example> elements_;
  bool complete_ = false;
};

class MemoryStage final : public Stage {
 public:
  explicit MemoryStage(Elements elements) : elements_(std::move(elements)) {}
  bool next(Example& example) override {
    if (at_ == elements_->size()) return false;
    example = (*elements_)[at_++];
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min<std::uint64_t>(count, elements_->size() - at_);
    at_ += static_cast<std::size_t>(skipped);
    return skipped;
  }

 private:
  Elements elements_;
  std::size_t at_ = 0;
};

class MemoryCacheNode final : public Step {
 public:
  explicit MemoryCacheNode(NodePtr upstream) : Step(std::move(upstream)) { require_equal_epochs(this->upstream()); }
  StagePtr open(const Pass& pass) const override {
    {
      const std::lock_guard lock(cache_.mutex);
      if (cache_.elements) return std::make_unique<MemoryStage>(cache_.elements);
    }
    return std::make_unique<RecordingStage>(upstream().open(recorded(pass)), cache_);
  }
  std::string order() const override { return upstream().order(); }
  std::string key() const override { return upstream().key(); }

 private:
  mutable MemoryCache cache_;
};

// ---- in a file: TFRecord of the key, the elements (base/value_io.h) and the number of elements

constexpr std::string_view kFormat = "ludus data cache 1\n";

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class FileRecordingStage final : public Stage {
 public:
  FileRecordingStage(StagePtr upstream, fs::path path, const std::string& key)
      : upstream_(std::move(upstream)), path_(std::move(path)) {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    if (error) {
      throw FileError(
          formatted("cannot make the folder {} of the cache: {}", path_.parent_path().string(), error.message()));
    }
    static std::atomic<std::uint64_t> passes{0};  // several passes may record at once
    temporary_ = path_;
    temporary_ += formatted(".tmp{}-{}", ::getpid(), passes++);
    writer_.emplace(temporary_);
    writer_->write(std::string(kFormat) + key);
  }
  ~FileRecordingStage() override {
    writer_.reset();
    std::error_code ignored;
    if (!complete_) fs::remove(temporary_, ignored);
  }

  bool next(Example& example) override {
    if (upstream_->next(example)) {
      if (writer_) writer_->write(text_of(encode(Dict(example))));
      ++count_;
      return true;
    }
    if (writer_) {
      writer_->write(formatted("{}", count_));
      writer_->close();
      writer_.reset();
      std::error_code error;
      fs::rename(temporary_, path_, error);
      if (error) throw FileError(formatted("cannot write {}: {}", path_.string(), error.message()));
      complete_ = true;
    }
    return false;
  }

 private:
  StagePtr upstream_;
  fs::path path_;
  fs::path temporary_;
  std::optional<io::TfRecordWriter> writer_;
  std::uint64_t count_ = 0;
  bool complete_ = false;
};

class FileStage final : public Stage {
 public:
  // `reader` is behind the key.
  explicit FileStage(std::unique_ptr<io::TfRecordReader> reader)
      : reader_(std::move(reader)), file_(std::make_shared<const std::string>(reader_->name())) {}

  bool next(Example& example) override {
    std::string_view record;
    if (!next_record(record)) return false;
    try {
      example = Example(decode(std::as_bytes(std::span(record))).as_dict());
    } catch (const InputError& error) {
      fail(error.what());
    }
    example.origin = {.file = file_, .number = count_ - 1, .unit = Origin::Unit::kRecord};
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    std::string_view record;
    std::uint64_t skipped = 0;
    while (skipped < count && next_record(record)) ++skipped;
    return skipped;
  }

 private:
  // Reads the next element. Returns false at the last record, which holds their number.
  bool next_record(std::string_view& record) {
    if (ended_) return false;
    try {
      if (!reader_->next(record)) fail("it is truncated");
    } catch (const io::BrokenRecord& error) {
      fail(error.what());
    }
    // elements are CBOR maps, and their first byte is never a digit
    if (!record.empty() && record.front() >= '0' && record.front() <= '9') {
      if (record != formatted("{}", count_)) fail(formatted("it holds {} elements and claims {}", count_, record));
      ended_ = true;
      return false;
    }
    ++count_;
    return true;
  }
  [[noreturn]] void fail(const std::string& fault) const {
    throw FileError(formatted("the cache {} is damaged: {}; delete it, and it is made again", *file_, fault));
  }

  std::unique_ptr<io::TfRecordReader> reader_;
  std::shared_ptr<const std::string> file_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

// 64 bits of a text: two checksums, the second of the text with something in front.
std::string hash_of(const std::string& text) {
  return formatted("{:08x}{:08x}", crc32c(text), crc32c("ludus" + text + "ludus"));
}

class FileCacheNode final : public Step {
 public:
  FileCacheNode(NodePtr upstream, fs::path folder) : Step(std::move(upstream)), folder_(std::move(folder)) {
    require_equal_epochs(this->upstream());
    static_cast<void>(this->upstream().key());  // complain about missing keys here and not in the first pass
  }
  StagePtr open(const Pass& pass) const override {
    const std::string key = upstream().key();  // of the files as they are now
    const fs::path path = folder_ / (hash_of(key) + ".cache");
    if (fs::exists(path)) {
      auto reader = std::make_unique<io::TfRecordReader>(path, io::Compression::kNone);
      std::string_view record;
      bool readable = false;
      try {
        readable = reader->next(record);
      } catch (const io::BrokenRecord&) {
        throw FileError(formatted("the cache {} is damaged; delete it, and it is made again", path.string()));
      }
      // another text with the same hash is replaced
      if (readable && record == std::string(kFormat) + key) return std::make_unique<FileStage>(std::move(reader));
    }
    return std::make_unique<FileRecordingStage>(upstream().open(recorded(pass)), path, key);
  }
  std::string order() const override { return upstream().order(); }
  std::string key() const override { return upstream().key(); }

 private:
  fs::path folder_;
};

}  // namespace

NodePtr make_memory_cache(NodePtr upstream) {
  return std::make_shared<MemoryCacheNode>(std::move(upstream));
}

NodePtr make_file_cache(NodePtr upstream, fs::path folder) {
  return std::make_shared<FileCacheNode>(std::move(upstream), std::move(folder));
}

}  // namespace ludus::data
