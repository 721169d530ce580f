/// @file
/// Lets long work inside an update end when the user asks for it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/error.h"

namespace ludus {

/// The work was stopped from outside (Ctrl-C).
class Interrupted : public WorkError {
 public:
  using WorkError::WorkError;
};

/// While it lives, poll() of this thread throws Interrupted once `interrupted` has been true for kPatience. Work that
/// ends within that time is finished, so that the training can be saved after it; longer work is given up.
class InterruptionScope {
 public:
  static constexpr std::chrono::milliseconds kPatience{500};

  explicit InterruptionScope(const std::function<bool()>& interrupted);
  ~InterruptionScope();
  InterruptionScope(const InterruptionScope&) = delete;
  InterruptionScope& operator=(const InterruptionScope&) = delete;

  /// Call in every iteration of a loop that may take long: a gradient step, a sweep over all states.
  static void poll() {
    if (present_ != nullptr) present_->check();
  }

 private:
  void check();

  static thread_local InterruptionScope* present_;
  InterruptionScope* outer_;
  const std::function<bool()>& interrupted_;
  std::optional<std::chrono::steady_clock::time_point> since_;  // when `interrupted` was first seen true
};

}  // namespace ludus
