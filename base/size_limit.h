/// @file
/// A limit on what settings may allocate while an object is created.
#pragma once

#include <string>

#include "base/error.h"

namespace ludus {

/// The settings ask for more memory than is allowed: than the machine has, or than a file of that size can stand for.
class TooLarge : public InputError {
 public:
  using InputError::InputError;
};

/// While it lives, the objects of this thread that settings size (arrays, layers, tables, rollouts, populations) may
/// take so many bytes in all. A few bytes of settings can ask for any number of gigabytes; a file that holds what they
/// ask for cannot.
class SizeLimit {
 public:
  /// `source`: begins the message: the file or the algorithm.
  SizeLimit(std::string source, double bytes);
  ~SizeLimit();
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

  /// Call before an allocation of that many bytes. Throws TooLarge if a limit of this thread is exceeded.
  static void require(double bytes) {
    if (present_ != nullptr && bytes > kCounted) present_->count(bytes);
  }

 private:
  static constexpr double kCounted = 65536;  // smaller allocations are not counted
  void count(double bytes);

  static thread_local SizeLimit* present_;
  SizeLimit* outer_;
  std::string source_;
  double limit_;
  double taken_ = 0;
};

}  // namespace ludus
