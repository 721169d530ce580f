// A generation of candidates evaluated in parallel: the assignment of candidates to environments, and their returns.
//
// Every candidate runs the same number of episodes, assigned in order to environments as they become free. Idle
// environments keep stepping until the next generation begins and their episode is over; their results are discarded.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace ludus::agents {

class Generation {
 public:
  static constexpr std::int64_t kNone = -1;

  /// Creates a generation of `size` candidates with `episodes` episodes each, on `num_envs` environments that all start
  /// an episode.
  Generation(std::size_t size, std::int64_t episodes, std::size_t num_envs);

  /// Returns the candidate that an environment evaluates, or kNone.
  std::int64_t candidate_of(std::size_t env) const { return env_candidate_[env]; }

  /// Records one step of an environment. Terminated and truncated episodes count alike.
  void record(std::size_t env, double reward, bool ended);

  /// Returns whether every candidate has completed all its episodes.
  bool complete() const { return finished_ == static_cast<std::int64_t>(sums_.size()) * episodes_; }
  /// Returns whether any episode of this generation has begun.
  bool begun() const;
  /// Returns the mean return of each candidate, once complete.
  std::vector<double> mean_returns() const;

  /// Begins the running episodes again: the next step of every environment is a first one.
  void restart_episodes();

  /// Returns the earliest number of steps after which the generation can be complete, an episode counted as one step.
  std::int64_t least_steps() const;
  std::int64_t episodes() const { return static_cast<std::int64_t>(sums_.size()) * episodes_; }  // of all candidates

  /// Starts the next generation. Must be called once this one is complete, before the next step.
  void next();

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("assigned", self.assigned_);
    visit("finished", self.finished_);
    visit("return_sums", self.sums_);
    visit("env/candidate", self.env_candidate_);
    visit("env/return", self.env_return_);
    visit("env/fresh", self.env_fresh_);
    visit.check([&] { self.check_state(); });
  }

 private:
  void check_state() const;
  std::int64_t assign_next();  // returns the candidate of the next episode, or kNone

  std::int64_t episodes_;
  std::int64_t assigned_ = 0;  // episodes started in this generation: candidate k's are k, k + size, …
  std::int64_t finished_ = 0;  // and completed
  std::vector<double> sums_;   // (candidates) of their returns
  std::vector<std::int64_t> env_candidate_;
  std::vector<double> env_return_;       // of the current episode
  std::vector<std::uint8_t> env_fresh_;  // 1: no step of it yet
};

}  // namespace ludus::agents
