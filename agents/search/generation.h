// A generation of candidates that are judged side by side: which environment plays for whom, and what they earned.
//
// Every candidate plays the same number of episodes. They are handed to environments in order, as these come free. An
// environment for which nobody is left plays on for nobody, until the next generation begins and its episode is over.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"

namespace ludus::agents {

class Generation {
 public:
  static constexpr std::int64_t kNone = -1;

  // Of `size` candidates with `episodes` episodes each, on `num_envs` environments that all begin an episode.
  Generation(std::size_t size, std::int64_t episodes, std::size_t num_envs);

  // For whom an environment plays, or kNone.
  std::int64_t candidate_of(std::size_t env) const { return env_candidate_[env]; }

  // One step of an environment. Its episode counts in full whether it ended or was cut: its return is what the time
  // limit let it earn.
  void record(std::size_t env, double reward, bool ended);

  // Whether every candidate has played all its episodes.
  bool complete() const { return finished_ == static_cast<std::int64_t>(sums_.size()) * episodes_; }
  // The mean return of each, once complete.
  std::vector<double> mean_returns() const;

  // Begins the next generation; to be called once this one is complete, before the next step.
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
  std::int64_t assign_next();  // the candidate whose episode comes next, or kNone

  std::int64_t episodes_;
  std::int64_t assigned_ = 0;  // episodes begun in this generation: candidate k's are k, k + size, …
  std::int64_t finished_ = 0;  // and ended
  std::vector<double> sums_;   // (candidates) of their returns
  std::vector<std::int64_t> env_candidate_;
  std::vector<double> env_return_;       // of the present episode, so far
  std::vector<std::uint8_t> env_fresh_;  // 1: no step of it has been made yet
};

}  // namespace ludus::agents
