// A generation of candidates that are judged side by side: which environment plays for whom, and what they earned.
//
// Every candidate plays the same number of episodes. They are handed to environments in order, as these come free. An
// environment for which nobody is left plays on for nobody, until the next generation begins and its episode is over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace ludus {
class Checkpoint;
}

namespace ludus::agents {

class Generation {
 public:
  static constexpr std::int64_t kNobody = -1;

  // Of `size` candidates with `episodes` episodes each, on `lanes` environments that all begin an episode.
  Generation(std::size_t size, std::int64_t episodes, std::size_t lanes);

  // For whom an environment plays, or kNobody.
  std::int64_t candidate_of(std::size_t lane) const { return lane_candidate_[lane]; }

  // One step of an environment. Its episode counts in full whether it ended or was cut: its return is what the time
  // limit let it earn.
  void record(std::size_t lane, double reward, bool ended);

  // Whether every candidate has played all its episodes.
  bool complete() const { return finished_ == static_cast<std::int64_t>(sums_.size()) * episodes_; }
  // The mean return of each, once complete.
  std::vector<double> mean_returns() const;

  // Begins the next generation; to be called once this one is complete, before the next step.
  void next();

  void save(Checkpoint& checkpoint) const;
  // Throws CorruptCheckpoint, changing nothing.
  void load(const Checkpoint& checkpoint);

 private:
  std::int64_t assign_next();  // the candidate whose episode comes next, or kNobody

  std::int64_t episodes_;
  std::int64_t handed_ = 0;    // episodes begun in this generation: candidate k's are k, k + size, …
  std::int64_t finished_ = 0;  // and ended
  std::vector<double> sums_;   // (candidates) of their returns
  std::vector<std::int64_t> lane_candidate_;
  std::vector<double> lane_return_;       // of the present episode, so far
  std::vector<std::uint8_t> lane_fresh_;  // 1: no step of it has been made yet
};

}  // namespace ludus::agents
