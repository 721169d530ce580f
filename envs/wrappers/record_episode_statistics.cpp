#include "envs/wrappers/record_episode_statistics.h"

#include <chrono>
#include <cmath>

namespace ludus::envs {

double RecordEpisodeStatistics::steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

RecordEpisodeStatistics::RecordEpisodeStatistics(EnvPtr env, std::size_t buffer_length, std::string key, Clock clock)
    : Wrapper(std::move(env), {"RecordEpisodeStatistics",
                               {{"buffer_length", static_cast<std::int64_t>(buffer_length)}, {"stats_key", key}}}),
      key_(std::move(key)),
      clock_(std::move(clock)),
      finished_(buffer_length) {}

double RecordEpisodeStatistics::elapsed(double start, double now) {
  return std::round((now - start) * 1e6) / 1e6;
}

Reset RecordEpisodeStatistics::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  episode_start_ = clock_();
  episode_return_ = 0;
  episode_length_ = 0;
  return result;
}

void RecordEpisodeStatistics::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  episode_return_ += out.reward;
  ++episode_length_;
  if (!out.terminated && !out.truncated) {
    out.info.erase(key_);  // `out` is reused
    return;
  }

  const double seconds = elapsed(episode_start_, clock_());
  out.info[key_] = Dict{{"r", episode_return_}, {"l", episode_length_}, {"t", seconds}};
  finished_.add(episode_return_, episode_length_, seconds);
}

std::unique_ptr<Wrapper> RecordEpisodeStatistics::clone_around(EnvPtr env) const {
  return std::make_unique<RecordEpisodeStatistics>(std::move(env), finished_.kept(), key_, clock_);
}

}  // namespace ludus::envs
