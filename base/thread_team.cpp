#include "base/thread_team.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/format.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ludus {
namespace {

constexpr int kSpins = 1000;  // about 10 to 50 µs: longer than the pause between two steps of a small environment
constexpr std::uint32_t kPiecesPerThread = 4;  // so that idle threads can take over pieces from busy ones

constexpr std::uint64_t left_in(std::uint32_t loop, std::uint32_t items) {
  return (std::uint64_t{loop} << 32) | items;
}
constexpr std::uint32_t loop_of(std::uint64_t left) {
  return static_cast<std::uint32_t>(left >> 32);
}
constexpr std::uint32_t items_of(std::uint64_t left) {
  return static_cast<std::uint32_t>(left);
}

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(std::size_t size) : shares_(std::max<std::size_t>(size, 1)) {
  // do not spin when threads may share a core
  if (size <= std::thread::hardware_concurrency()) spins_ = kSpins;
  try {
    for (std::size_t k = 1; k < size; ++k) workers_.emplace_back([this, k] { serve(k); });
  } catch (const std::system_error& error) {
    dismiss();
    throw WorkError(formatted("the system cannot start {} threads ({}); use fewer", size, error.what()));
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

void ThreadTeam::share_out(std::uint32_t n, Piece piece, void* items) {
  const std::uint32_t loop = loop_.load(std::memory_order_relaxed) + 1;
  n_ = n;
  piece_ = piece;
  items_ = items;
  mode_ = float_mode();
  grain_.store(std::max<std::uint32_t>(1, n / (kPiecesPerThread * static_cast<std::uint32_t>(size()))),
               std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  for (std::size_t k = 0, first = 0; k < size(); first = end_of(k++)) {
    shares_[k].left.store(left_in(loop, end_of(k) - static_cast<std::uint32_t>(first)), std::memory_order_release);
  }
  loop_.store(loop, std::memory_order_release);
  loop_.notify_all();

  take_pieces(loop, 0);
  await(done_, [n](std::uint32_t done) { return done == n; });
}

// Returns one past the last item of a share. The shares are as equal as possible.
std::uint32_t ThreadTeam::end_of(std::size_t share) const {
  return static_cast<std::uint32_t>(std::uint64_t{n_} * (share + 1) / size());
}

void ThreadTeam::take_pieces(std::uint32_t loop, std::size_t thread) {
  for (std::size_t k = 0; k < size(); ++k) take_share(loop, (thread + k) % size());
}

void ThreadTeam::take_share(std::uint32_t loop, std::size_t share) {
  std::atomic<std::uint64_t>& left = shares_[share].left;
  for (std::uint64_t seen = left.load(std::memory_order_acquire); loop_of(seen) == loop && items_of(seen) > 0;) {
    const std::uint32_t count = std::min(items_of(seen), grain_.load(std::memory_order_relaxed));
    if (!left.compare_exchange_weak(seen, left_in(loop, items_of(seen) - count), std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      continue;
    }

    // the loop cannot end before this piece is done, so that its fields stay unchanged
    const std::uint32_t n = n_, first = end_of(share) - items_of(seen);
    if (!(float_mode() == mode_)) set_float_mode(mode_);
    piece_(items_, first, first + count);
    if (done_.fetch_add(count, std::memory_order_acq_rel) + count == n) done_.notify_one();
    seen = left.load(std::memory_order_acquire);
  }
}

void ThreadTeam::serve(std::size_t thread) {
  for (std::uint32_t last_loop = 0;;) {
    await(loop_, [last_loop](std::uint32_t loop) { return loop != last_loop; });
    last_loop = loop_.load(std::memory_order_acquire);
    if (leaving_) return;  // read after the loop number, so that the final increment implies that leaving_ is set
    take_pieces(last_loop, thread);
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
