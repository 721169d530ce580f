#include "base/thread_team.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "base/error.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ludus {
namespace {

constexpr int kSpins = 1000;  // some 10 to 50 µs: longer than the pause between two steps of a small environment
constexpr std::uint32_t kPiecesPerThread = 4;  // so that a thread with cheap items takes over some of another's

constexpr std::uint64_t turn(std::uint32_t loop, std::uint32_t left) {
  return (std::uint64_t{loop} << 32) | left;
}
constexpr std::uint32_t loop_of(std::uint64_t turn) {
  return static_cast<std::uint32_t>(turn >> 32);
}
constexpr std::uint32_t left_of(std::uint64_t turn) {
  return static_cast<std::uint32_t>(turn);
}

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(std::size_t size) {
  // who shares a core with the thread it waits for must not keep it busy
  if (size <= std::thread::hardware_concurrency()) spins_ = kSpins;
  try {
    for (std::size_t k = 1; k < size; ++k) workers_.emplace_back([this] { serve(); });
  } catch (const std::system_error& error) {
    dismiss();
    throw WorkError("the system gives no " + std::to_string(size) + " threads (" + error.what() + "); ask for fewer");
  }
}

ThreadTeam::~ThreadTeam() {
  dismiss();
}

void ThreadTeam::dismiss() {
  leaving_ = true;
  loop_.fetch_add(1, std::memory_order_release);
  loop_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
}

void ThreadTeam::share(std::uint32_t n, Piece piece, void* items) {
  const std::uint32_t loop = loop_.load(std::memory_order_relaxed) + 1;
  n_ = n;
  grain_.store(std::max<std::uint32_t>(1, n / (kPiecesPerThread * static_cast<std::uint32_t>(size()))),
               std::memory_order_relaxed);
  piece_ = piece;
  items_ = items;
  mode_ = float_mode();
  done_.store(0, std::memory_order_relaxed);
  turn_.store(turn(loop, n), std::memory_order_release);
  loop_.store(loop, std::memory_order_release);
  loop_.notify_all();

  take_pieces(loop);
  await(done_, [n](std::uint32_t done) { return done == n; });
}

void ThreadTeam::take_pieces(std::uint32_t loop) {
  for (std::uint64_t seen = turn_.load(std::memory_order_acquire); loop_of(seen) == loop && left_of(seen) > 0;) {
    const std::uint32_t count = std::min(left_of(seen), grain_.load(std::memory_order_relaxed));
    if (!turn_.compare_exchange_weak(seen, turn(loop, left_of(seen) - count), std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
      continue;
    }

    // the loop cannot end before this piece is done: its facts stand still
    const std::uint32_t n = n_, first = n - left_of(seen);
    if (!(float_mode() == mode_)) set_float_mode(mode_);
    piece_(items_, first, first + count);
    if (done_.fetch_add(count, std::memory_order_acq_rel) + count == n) done_.notify_one();
    seen = turn_.load(std::memory_order_acquire);
  }
}

void ThreadTeam::serve() {
  for (std::uint32_t last_loop = 0;;) {
    await(loop_, [last_loop](std::uint32_t loop) { return loop != last_loop; });
    if (leaving_) return;
    last_loop = loop_.load(std::memory_order_acquire);
    take_pieces(last_loop);
  }
}

void ThreadTeam::note(std::size_t item, std::exception_ptr error) {
  const std::lock_guard lock(failure_mutex_);
  if (!failure_.error || item < failure_.item) failure_ = {item, std::move(error)};
}

template <class Done>
void ThreadTeam::await(const std::atomic<std::uint32_t>& word, Done done) const {
  for (int spin = 0; spin < spins_; ++spin) {
    if (done(word.load(std::memory_order_acquire))) return;
    pause();
  }
  for (;;) {
    const std::uint32_t seen = word.load(std::memory_order_acquire);
    if (done(seen)) return;
    word.wait(seen, std::memory_order_acquire);
  }
}

}  // namespace ludus
