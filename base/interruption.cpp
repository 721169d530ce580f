#include "base/interruption.h"

namespace ludus {

thread_local InterruptionScope* InterruptionScope::present_ = nullptr;

InterruptionScope::InterruptionScope(const std::function<bool()>& interrupted)
    : outer_(present_), interrupted_(interrupted) {
  present_ = this;
}

InterruptionScope::~InterruptionScope() {
  present_ = outer_;
}

void InterruptionScope::check() {
  if (!interrupted_ || !interrupted_()) return;
  const auto now = std::chrono::steady_clock::now();
  if (!since_) since_ = now;
  if (now - *since_ >= kPatience) throw Interrupted("interrupted within an update");
}

}  // namespace ludus
