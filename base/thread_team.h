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

  std::size_t size() const { return workers_.size() + 1; }

  // Calls work(i) once for every i below n, on whichever thread, and returns when all are done. An item that throws
  // keeps no other from being done; of several failures the one of the lowest item is returned, so that the outcome
  // does not depend on the size of the team. Every thread computes in the float mode of the caller. To be called by
  // one thread at a time, and not from within `work`. Allocates nothing.
  template <class Work>
  [[nodiscard]] Failure run(std::size_t n, Work&& work) {
    failure_ = {};
    Items<std::remove_reference_t<Work>> items{work, *this};
    if (workers_.empty() || n <= 1) {
      items.do_from(&items, 0, n);
    } else {
      share(n, items.do_from, &items);
    }
    return std::move(failure_);
  }

 private:
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

  void share(std::size_t n, Piece piece, void* items);
  void take_pieces();
  void serve();
  void note(std::size_t item, std::exception_ptr error);
  void dismiss();

  // Returns once done(word) holds: looks again and again for some microseconds, then sleeps.
  template <class Done>
  void await(const std::atomic<std::uint32_t>& word, Done done) const;

  // The loop at hand: written by the caller before it raises loop_, read by the workers after they have seen that.
  std::size_t n_ = 0;
  std::size_t grain_ = 1;  // items of a piece
  Piece piece_ = nullptr;
  void* items_ = nullptr;
  FloatMode mode_;
  bool leaving_ = false;

  alignas(64) std::atomic<std::uint32_t> loop_{0};  // counts the loops
  alignas(64) std::atomic<std::size_t> next_{0};    // the first item that nobody has taken
  alignas(64) std::atomic<std::uint32_t> busy_{0};  // workers that are not through with the loop

  std::mutex failure_mutex_;
  Failure failure_;
  int spins_ = 0;
  std::vector<std::thread> workers_;
};

}  // namespace ludus
