/// @file
/// Returns, lengths and times of the last finished episodes: the state of the statistics wrappers.
#pragma once

#include <deque>

#include "base/state_fields.h"

namespace ludus::envs {

class FinishedEpisodes {
 public:
  /// Keeps the last `kept` episodes. Throws InvalidArgument if `kept` is 0.
  explicit FinishedEpisodes(std::size_t kept);

  void add(double episode_return, std::int64_t length, double seconds);

  std::int64_t count() const { return count_; }
  const std::deque<double>& returns() const { return returns_; }        // sums of rewards
  const std::deque<std::int64_t>& lengths() const { return lengths_; }  // steps
  const std::deque<double>& times() const { return times_; }            // seconds

  std::size_t kept() const { return kept_; }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("count", self.count_);
    visit("returns", self.returns_, AnyLength{});
    visit("lengths", self.lengths_, AnyLength{});
    visit("times", self.times_, AnyLength{});
  }

 private:
  std::size_t kept_;
  std::int64_t count_ = 0;
  std::deque<double> returns_;
  std::deque<std::int64_t> lengths_;
  std::deque<double> times_;
};

}  // namespace ludus::envs
