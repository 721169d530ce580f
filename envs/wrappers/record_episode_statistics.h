// Adds info["episode"] = {"r": return, "l": length, "t": seconds} to the step that ends an episode.
#pragma once

#include <deque>
#include <functional>

#include "envs/core/wrapper.h"

namespace ludus::envs {

class RecordEpisodeStatistics final : public Wrapper {
 public:
  // Seconds from any fixed moment; passed in, so that a test can tell the time.
  using Clock = std::function<double()>;
  static double steady_seconds();

  // Keeps the last `buffer_length` episodes; `key` names the entry of info. Throws InvalidArgument if
  // buffer_length is 0.
  explicit RecordEpisodeStatistics(EnvPtr env, std::size_t buffer_length = 100, std::string key = "episode",
                                   Clock clock = steady_seconds);

  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

  std::int64_t episode_count() const { return episode_count_; }
  const std::deque<double>& return_queue() const { return returns_; }        // sums of rewards
  const std::deque<std::int64_t>& length_queue() const { return lengths_; }  // steps
  const std::deque<double>& time_queue() const { return times_; }            // seconds

 protected:
  Value save() const override;
  void restore(const Value& saved) override;
  std::unique_ptr<Wrapper> rewrap(EnvPtr env) const override;

 private:
  template <class T>
  void remember(std::deque<T>& queue, T value) const;

  std::size_t buffer_length_;
  std::string key_;
  Clock clock_;
  double episode_start_ = 0;  // s
  double episode_return_ = 0;
  std::int64_t episode_length_ = 0;
  std::int64_t episode_count_ = 0;
  std::deque<double> returns_;
  std::deque<std::int64_t> lengths_;
  std::deque<double> times_;
};

}  // namespace ludus::envs
