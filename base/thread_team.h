// A thread pool for parallel loops, with low latency between consecutive loops.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/float_mode.h"

namespace ludus {

class ThreadTeam {
 public:
  /// The exception that an item threw.
  struct Failure {
    std::size_t item = 0;
    std::exception_ptr error;  // null if no item threw
  };

  /// Starts a team of `size` threads, including the calling one; 0 counts as 1. Throws WorkError if the system cannot
  /// start that many threads.
  explicit ThreadTeam(std::size_t size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return shares_.size(); }

  /// Calls work(i) once for every i below n, on any thread, and returns when all calls are done. An exception does not
  /// stop the other items; if several items throw, the failure of the lowest item is returned, so that the result does
  /// not depend on the number of threads. All threads compute in the float mode of the caller. Must be called by one
  /// thread at a time, and not from within `work`. Does not allocate.
  template <class Work>
  [[nodiscard]] Failure run(std::size_t n, Work&& work) {
    failure_ = {};
    Items<std::remove_reference_t<Work>> items{work, *this};
    if (size() == 1 || n <= 1 || n > kMostShared) {
      items.do_from(&items, 0, n);
    } else {
      share_out(static_cast<std::uint32_t>(n), items.do_from, &items);
    }
    return std::move(failure_);
  }

 private:
  static constexpr std::size_t kMostShared = 1u << 31;  // items

  using Piece = void (*)(void* items, std::size_t first, std::size_t last);

  template <class Work>
  struct Items {
    Work& work;
    ThreadTeam& team;

    static void do_from(void* self, std::size_t first, std::size_t last) {
      Items& items = *static_cast<Items*>(self);
      for (std::size_t i = first; i < last; ++i) {
        try {
          items.work(i);
        } catch (...) {
          items.team.note(i, std::current_exception());
        }
      }
    }
  };

  void share_out(std::uint32_t n, Piece piece, void* items);
  void take_pieces(std::uint32_t loop, std::size_t thread);
  void take_share(std::uint32_t loop, std::size_t share);
  std::uint32_t end_of(std::size_t share) const;
  void serve(std::size_t thread);
  void note(std::size_t item, std::exception_ptr error);
  void dismiss();

  // Returns once done(word) holds. Spins for some microseconds, then sleeps.
  template <class Done>
  void await(const std::atomic<std::uint32_t>& word, Done done) const;

  // The items are divided into one share per thread. In every loop, a thread starts with the same share, which is
  // likely to be in its cache, and takes pieces of other shares only when its share is finished.
  //
  // The state of a share: the loop number in the upper half, the number of items not yet taken in the lower. A thread
  // takes a piece by a compare-and-swap that fails once the loop is over. The caller therefore need not wait for late
  // threads, and a thread that has taken a piece can rely on the fields of the loop until the piece is done.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> left{0};
  };
  std::vector<Share> shares_;
  alignas(64) std::atomic<std::uint32_t> done_{0};  // number of finished items
  alignas(64) std::atomic<std::uint32_t> loop_{0};  // the loop number, which idle threads wait on
  std::atomic<std::uint32_t> grain_{1};             // items per piece
  std::atomic<bool> leaving_{false};
  std::uint32_t n_ = 0;  // number of items
  Piece piece_ = nullptr;
  void* items_ = nullptr;
  FloatMode mode_;

  std::mutex failure_mutex_;
  Failure failure_;
  int spins_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace ludus
