// map(): a function applied to every element, by one or several threads, in order.
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/float_mode.h"
#include "base/format.h"
#include "nn/data/steps.h"

namespace ludus::data {
namespace {

// The words of a number in NumPy's SeedSequence: little-endian, without leading zeros, at least one.
void append_words(std::vector<std::uint32_t>& words, std::uint64_t number) {
  words.push_back(static_cast<std::uint32_t>(number));
  if (number >> 32) words.push_back(static_cast<std::uint32_t>(number >> 32));
}

// The result of one call: an element, nothing (a skipped record) or an error.
struct Result {
  Example example;
  std::exception_ptr error;
  std::string skipped;  // the line of a skipped record
};

// Applies the function to single elements.
class Mapper {
 public:
  Mapper(MapFunction function, bool random, MapOptions options)
      : function_(std::move(function)), random_(random), options_(std::move(options)) {}

  const MapOptions& options() const { return options_; }
  bool random() const { return random_; }
  bool skips() const { return options_.broken.action == BrokenRecords::Action::kSkip; }

  // Maps element `index` of the epoch. Never throws.
  Result operator()(Example example, std::uint64_t epoch, std::uint64_t index) const {
    Result result;
    const Origin origin = example.origin;
    const auto where = [&] {
      return formatted("{}{}map: element {} of epoch {}", origin.text(), origin.file ? ": " : "", index, epoch);
    };
    try {
      Generator generator = random_ ? generator_of(epoch, index) : unused_;
      result.example = function_(std::move(example), generator);
      if (!result.example.origin.file) result.example.origin = origin;
    } catch (InputError& error) {
      error.prepend(where());
      if (skips()) {
        result.skipped = error.what();
      } else {
        result.error = std::current_exception();
      }
    } catch (Error& error) {
      error.prepend(where());
      result.error = std::current_exception();
    } catch (const std::exception& error) {
      result.error = std::make_exception_ptr(WorkError(formatted("{}: {}", where(), error.what())));
    } catch (...) {
      result.error = std::current_exception();
    }
    return result;
  }

 private:
  Generator generator_of(std::uint64_t epoch, std::uint64_t index) const {
    std::vector<std::uint32_t> seed, path;
    append_words(seed, options_.seed);
    append_words(path, epoch);
    append_words(path, index);
    return Generator(SeedSequence(std::move(seed), std::move(path)));
  }

  MapFunction function_;
  bool random_;
  MapOptions options_;
  Generator unused_{0};  // passed to functions without random numbers
};

class SequentialMap final : public Stage {
 public:
  SequentialMap(StagePtr upstream, std::uint64_t epoch, const Mapper& mapper)
      : upstream_(std::move(upstream)), epoch_(epoch), mapper_(mapper) {}
  bool next(Example& example) override {
    Example element;
    while (upstream_->next(element)) {
      Result result = mapper_(std::move(element), epoch_, index_++);
      if (result.error) std::rethrow_exception(result.error);
      if (result.skipped.empty()) {
        example = std::move(result.example);
        return true;
      }
      report_broken(mapper_.options().broken, result.skipped);
    }
    return false;
  }
  // Without a call of the function, unless it decides which elements there are.
  std::uint64_t skip(std::uint64_t count) override {
    if (mapper_.skips()) return Stage::skip(count);
    const std::uint64_t skipped = upstream_->skip(count);
    index_ += skipped;
    return skipped;
  }

 private:
  StagePtr upstream_;
  std::uint64_t epoch_;
  const Mapper& mapper_;
  std::uint64_t index_ = 0;
};

// Every thread takes an element from upstream under a lock, with a ticket that gives its place in the order, maps it
// and puts the result into the ring at the place of the ticket. Results are delivered in the order of the tickets.
class ParallelMap final : public Stage {
 public:
  ParallelMap(StagePtr upstream, std::uint64_t epoch, const Mapper& mapper)
      : upstream_(std::move(upstream)), epoch_(epoch), mapper_(mapper), ring_(4 * mapper.options().workers) {}

  ~ParallelMap() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  bool next(Example& example) override {
    start();
    while (true) {
      Result result;
      {
        std::unique_lock lock(mutex_);
        std::optional<Result>& slot = ring_[delivered_ % ring_.size()];
        ready_.wait(lock, [&] { return slot || (ended_ && delivered_ == tickets_); });
        if (!slot) return false;
        result = std::move(*slot);
        slot.reset();
        ++delivered_;
      }
      room_.notify_one();
      if (result.error) std::rethrow_exception(result.error);
      if (result.skipped.empty()) {
        example = std::move(result.example);
        return true;
      }
      report_broken(mapper_.options().broken, result.skipped);
    }
  }

  std::uint64_t skip(std::uint64_t count) override {
    if (mapper_.skips() || !threads_.empty()) return Stage::skip(count);
    const std::uint64_t skipped = upstream_->skip(count);
    index_ += skipped;
    return skipped;
  }

 private:
  void start() {
    if (!threads_.empty()) return;
    const FloatMode mode = float_mode();
    try {
      for (std::size_t i = 0; i < mapper_.options().workers; ++i) threads_.emplace_back([this, mode] { work(mode); });
    } catch (const std::system_error& error) {
      throw WorkError(
          formatted("map: {} workers cannot be started: {}; use fewer", mapper_.options().workers, error.what()));
    }
  }

  void work(FloatMode mode) {
    set_float_mode(mode);
    while (true) {
      std::uint64_t ticket = 0, index = 0;
      Example element;
      Result result;
      {
        const std::lock_guard pull(pull_mutex_);
        {
          std::unique_lock lock(mutex_);
          room_.wait(lock, [&] { return closed_ || ended_ || tickets_ - delivered_ < ring_.size(); });
          if (closed_ || ended_) return;
        }
        bool more = false;
        try {
          more = upstream_->next(element);
        } catch (...) {
          result.error = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        ended_ = !more;
        if (more || result.error) ticket = tickets_++;
        if (ended_) room_.notify_all();
        if (ended_ && !result.error) {
          ready_.notify_one();
          return;
        }
        index = index_++;
      }
      if (!result.error) result = mapper_(std::move(element), epoch_, index);
      {
        const std::lock_guard lock(mutex_);
        ring_[ticket % ring_.size()] = std::move(result);
      }
      ready_.notify_one();
    }
  }

  StagePtr upstream_;
  std::uint64_t epoch_;
  const Mapper& mapper_;

  std::mutex pull_mutex_;    // of upstream_ and index_; taken before mutex_
  std::uint64_t index_ = 0;  // of the next element of upstream

  std::mutex mutex_;  // of what follows
  std::condition_variable ready_, room_;
  std::vector<std::optional<Result>> ring_;
  std::uint64_t tickets_ = 0, delivered_ = 0;
  bool ended_ = false, closed_ = false;

  std::vector<std::thread> threads_;
};

class MapNode final : public Step {
 public:
  MapNode(NodePtr upstream, MapFunction function, bool random, MapOptions options)
      : Step(std::move(upstream)), mapper_(std::move(function), random, std::move(options)) {}

  StagePtr open(const Pass& pass) const override {
    StagePtr source = upstream().open(pass);
    if (mapper_.options().workers == 0) {
      return std::make_unique<SequentialMap>(std::move(source), pass.epoch, mapper_);
    }
    return std::make_unique<ParallelMap>(std::move(source), pass.epoch, mapper_);
  }
  std::optional<std::uint64_t> size() const override { return mapper_.skips() ? std::nullopt : upstream().size(); }
  std::string order() const override {
    const std::string seed = mapper_.random() ? formatted("seed {}", mapper_.options().seed) : "";
    return order_with(formatted("map({}){}", seed, mapper_.skips() ? " skipping broken" : ""));
  }
  std::string key() const override {
    return key_with(formatted("map({}{})", required_key(mapper_.options().key, "map()"),
                              mapper_.skips() ? ", skipping broken" : ""));
  }
  std::string varies() const override { return mapper_.random() ? "map() with random numbers" : upstream().varies(); }

 private:
  Mapper mapper_;
};

}  // namespace

NodePtr make_map(NodePtr upstream, MapFunction function, bool random, MapOptions options) {
  constexpr std::size_t kMostWorkers = 1024;
  if (options.workers > kMostWorkers) {
    throw InvalidArgument(formatted("map: workers must be 0 to {}, got {}", kMostWorkers, options.workers));
  }
  return std::make_shared<MapNode>(std::move(upstream), std::move(function), random, std::move(options));
}

}  // namespace ludus::data
