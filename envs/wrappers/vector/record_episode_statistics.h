/// @file
/// Adds info["episode"] = {"r": returns, "l": lengths, "t": seconds}, with the mask "_episode", to the step in which
/// episodes end.
#pragma once

#include <deque>
#include <functional>

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/record_episode_statistics.h"

namespace ludus::envs::vector {

class RecordEpisodeStatistics final : public VectorWrapper {
 public:
  using Clock = envs::RecordEpisodeStatistics::Clock;

  /// As the single wrapper. Throws InvalidArgument if buffer_length is 0; step() throws it if info already has the key.
  explicit RecordEpisodeStatistics(VectorEnvPtr envs, std::size_t buffer_length = 100, std::string key = "episode",
                                   Clock clock = envs::RecordEpisodeStatistics::steady_seconds);

  std::int64_t episode_count() const { return finished_.count(); }
  const std::deque<double>& return_queue() const { return finished_.returns(); }
  const std::deque<std::int64_t>& length_queue() const { return finished_.lengths(); }
  const std::deque<double>& time_queue() const { return finished_.times(); }

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) override;
  void after_step(const VectorStep& inside) override;
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("returns", self.returns_);
    visit("lengths", self.lengths_);
    visit.property("elapsed", self.elapsed(), [&self](const auto& elapsed) {
      for (std::size_t i = 0; i < elapsed.size(); ++i) self.starts_[i] = self.clock_() - elapsed[i];
    });
    visit("finished", self.finished_);
  }

 private:
  void begin(std::size_t i);
  std::vector<double> elapsed() const;  // (N) s of the present episodes

  std::string key_;
  Clock clock_;
  std::vector<double> starts_;         ///< (N) s
  std::vector<double> returns_;        ///< (N) of the current episodes
  std::vector<std::int64_t> lengths_;  ///< (N)
  FinishedEpisodes finished_;
};

}  // namespace ludus::envs::vector
