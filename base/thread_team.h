// Threads that share out the items of a loop, again and again, with little delay between two loops.
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
  // What an item threw.
  struct Failure {
    std::size_t item = 0;
    std::exception_ptr error;  // null: nothing was thrown
  };

  // A team of `size`, the calling thread included; 0 counts as 1. Throws WorkError if the system gives no more threads.
  explicit ThreadTeam(std::size_t size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return shares_.size(); }

  // Calls work(i) once for every i below n, on whichever thread, and returns when all are done. An item that throws
  // keeps no other from being done; of several failures the one of the lowest item is returned, so that the outcome
  // does not depend on the size of the team. Every thread computes in the float mode of the caller. To be called by
  // one thread at a time, and not from within `work`. Allocates nothing.
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
  void take_pieces(std::uint32_t loop, std::size_t own);
  void take_share(std::uint32_t loop, std::size_t share);
  std::uint32_t end_of(std::size_t share) const;
  void serve(std::size_t own);
  void note(std::size_t item, std::exception_ptr error);
  void dismiss();

  // Returns once done(word) holds: looks again and again for some microseconds, then sleeps.
  template <class Done>
  void await(const std::atomic<std::uint32_t>& word, Done done) const;

  // The items are cut into one share for each thread, where it begins in every loop: so the same thread finds in its cache
  // what it used before. Only when its own share is taken does it turn to those of the others.
  //
  // What is left of a share: the number of the loop in the upper half, how many of its items no thread has taken in the
  // lower. A thread takes a piece by counting it off, which fails if the loop is over; so the caller need not wait for
  // threads that come too late, and one that has taken a piece can rely on the facts of the loop until that is done.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> left{0};
  };
  std::vector<Share> shares_;
  alignas(64) std::atomic<std::uint32_t> done_{0};  // items that are done
  alignas(64) std::atomic<std::uint32_t> loop_{0};  // the number of the loop again: what idle threads watch
  std::atomic<std::uint32_t> grain_{1};             // items of a piece
  std::atomic<bool> leaving_{false};
  std::uint32_t n_ = 0;  // items
  Piece piece_ = nullptr;
  void* items_ = nullptr;
  FloatMode mode_;

  std::mutex failure_mutex_;
  Failure failure_;
  int spins_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace ludus
