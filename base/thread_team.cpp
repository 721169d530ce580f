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
constexpr std::size_t kPiecesPerThread = 4;  // so that a thread with cheap items takes over some of another's

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

void ThreadTeam::share(std::size_t n, Piece piece, void* items) {
  n_ = n;
  grain_ = std::max<std::size_t>(1, n / (kPiecesPerThread * size()));
  piece_ = piece;
  items_ = items;
  mode_ = float_mode();
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
  loop_.fetch_add(1, std::memory_order_release);
  loop_.notify_all();

  take_pieces();
  await(busy_, [](std::uint32_t busy) { return busy == 0; });
}

void ThreadTeam::take_pieces() {
  for (;;) {
    const std::size_t first = next_.fetch_add(grain_, std::memory_order_relaxed);
    if (first >= n_) return;
    piece_(items_, first, std::min(first + grain_, n_));
  }
}

void ThreadTeam::serve() {
  for (std::uint32_t seen = 0;;) {
    await(loop_, [seen](std::uint32_t loop) { return loop != seen; });
    ++seen;  // the caller begins no loop before all have been through the last
    if (leaving_) return;
    set_float_mode(mode_);
    take_pieces();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
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
