/// @file
/// Adds info["episode"] = {"r": return, "l": length, "t": seconds} to the step that ends an episode.
#pragma once

#include <functional>

#include "envs/core/wrapper.h"
#include "envs/wrappers/finished_episodes.h"

namespace ludus::envs {

class RecordEpisodeStatistics final : public Wrapper {
 public:
  /// Seconds since any fixed moment; an argument, so that tests control time.
  using Clock = std::function<double()>;
  static double steady_seconds();

  /// Keeps the last `buffer_length` episodes; `key` names the entry of info. Throws InvalidArgument if
  /// buffer_length is 0.
  explicit RecordEpisodeStatistics(EnvPtr env, std::size_t buffer_length = 100, std::string key = "episode",
                                   Clock clock = steady_seconds);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  /// Returns the seconds since `start`, rounded to a microsecond as in Gymnasium.
  static double elapsed(double start, double now);

  std::int64_t episode_count() const { return finished_.count(); }
  const std::deque<double>& return_queue() const { return finished_.returns(); }
  const std::deque<std::int64_t>& length_queue() const { return finished_.lengths(); }
  const std::deque<double>& time_queue() const { return finished_.times(); }

 protected:
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override { state(*this, visit); }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("return", self.episode_return_);
    visit("length", self.episode_length_);
    visit.property("elapsed", self.clock_() - self.episode_start_,
                   [&self](auto elapsed) { self.episode_start_ = self.clock_() - elapsed; });
    visit("finished", self.finished_);
  }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override;

 private:
  std::string key_;
  Clock clock_;
  double episode_start_ = 0;  ///< s
  double episode_return_ = 0;
  std::int64_t episode_length_ = 0;
  FinishedEpisodes finished_;
};

}  // namespace ludus::envs
