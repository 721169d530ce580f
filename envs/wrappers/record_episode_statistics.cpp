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
      buffer_length_(buffer_length),
      key_(std::move(key)),
      clock_(std::move(clock)) {
  if (buffer_length == 0) throw InvalidArgument("RecordEpisodeStatistics must keep at least one episode, not 0");
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
    out.info.erase(key_);  // the memory of `out` is used again
    return;
  }

  // elapsed time to a microsecond, as Gymnasium rounds it
  const double seconds = std::round((clock_() - episode_start_) * 1e6) / 1e6;
  out.info[key_] = Dict{{"r", episode_return_}, {"l", episode_length_}, {"t", seconds}};
  remember(returns_, episode_return_);
  remember(lengths_, episode_length_);
  remember(times_, seconds);
  ++episode_count_;
}

template <class T>
void RecordEpisodeStatistics::remember(std::deque<T>& queue, T value) const {
  queue.push_back(value);
  if (queue.size() > buffer_length_) queue.pop_front();
}

Value RecordEpisodeStatistics::save() const {
  const std::vector<double> returns(returns_.begin(), returns_.end()), times(times_.begin(), times_.end());
  const std::vector<std::int64_t> lengths(lengths_.begin(), lengths_.end());
  return Dict{{"return", episode_return_},
              {"length", episode_length_},
              {"elapsed", clock_() - episode_start_},
              {"count", episode_count_},
              {"returns", Array::of(std::span<const double>(returns))},
              {"lengths", Array::of(std::span<const std::int64_t>(lengths))},
              {"times", Array::of(std::span<const double>(times))}};
}

void RecordEpisodeStatistics::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  episode_return_ = parts.at("return").as_double();
  episode_length_ = parts.at("length").as_int();
  episode_start_ = clock_() - parts.at("elapsed").as_double();
  episode_count_ = parts.at("count").as_int();
  const auto fill = [](auto& queue, const Array& array) {
    using T = typename std::decay_t<decltype(queue)>::value_type;
    const auto numbers = array.data<T>();
    queue.assign(numbers.begin(), numbers.end());
  };
  fill(returns_, parts.at("returns").as_array());
  fill(lengths_, parts.at("lengths").as_array());
  fill(times_, parts.at("times").as_array());
}

std::unique_ptr<Wrapper> RecordEpisodeStatistics::rewrap(EnvPtr env) const {
  return std::make_unique<RecordEpisodeStatistics>(std::move(env), buffer_length_, key_, clock_);
}

}  // namespace ludus::envs
