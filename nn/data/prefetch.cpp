// prefetch(): reads ahead in a thread.
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/float_mode.h"
#include "base/format.h"
#include "nn/data/steps.h"

namespace ludus::data {
namespace {

class PrefetchStage final : public Stage {
 public:
  PrefetchStage(StagePtr upstream, std::size_t count) : upstream_(std::move(upstream)), count_(count) {}

  ~PrefetchStage() override {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  bool next(Example& example) override {
    start();
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return !queue_.empty() || ended_; });
    if (queue_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return false;
    }
    example = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    room_.notify_one();
    return true;
  }

  std::uint64_t skip(std::uint64_t count) override {
    return thread_.joinable() ? Stage::skip(count) : upstream_->skip(count);
  }

 private:
  void start() {
    if (thread_.joinable()) return;
    try {
      thread_ = std::thread([this, mode = float_mode()] {
        set_float_mode(mode);
        read_ahead();
      });
    } catch (const std::system_error& error) {
      throw WorkError(formatted("prefetch: a thread cannot be started: {}", error.what()));
    }
  }

  void read_ahead() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return closed_ || queue_.size() < count_; });
        if (closed_) return;
      }
      Example example;
      std::exception_ptr error;
      bool more = false;
      try {
        more = upstream_->next(example);
      } catch (...) {
        error = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        if (more) {
          queue_.push_back(std::move(example));
        } else {
          ended_ = true;
          error_ = error;
        }
      }
      ready_.notify_one();
      if (!more) return;
    }
  }

  StagePtr upstream_;
  std::size_t count_;

  std::mutex mutex_;  // of what follows
  std::condition_variable ready_, room_;
  std::deque<Example> queue_;
  bool ended_ = false, closed_ = false;
  std::exception_ptr error_;

  std::thread thread_;
};

class PrefetchNode final : public Step {
 public:
  PrefetchNode(NodePtr upstream, std::size_t count) : Step(std::move(upstream)), count_(count) {
    if (count == 0) throw InvalidArgument("prefetch: the number of elements must be at least 1, got 0");
  }
  StagePtr open(const Pass& pass) const override {
    return std::make_unique<PrefetchStage>(upstream().open(pass), count_);
  }
  std::string order() const override { return upstream().order(); }
  std::string key() const override { return upstream().key(); }

 private:
  std::size_t count_;
};

}  // namespace

NodePtr make_prefetch(NodePtr upstream, std::size_t count) {
  return std::make_shared<PrefetchNode>(std::move(upstream), count);
}

}  // namespace ludus::data
