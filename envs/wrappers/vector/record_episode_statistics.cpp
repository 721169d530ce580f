#include "envs/wrappers/vector/record_episode_statistics.h"

#include "base/format.h"

namespace ludus::envs::vector {

RecordEpisodeStatistics::RecordEpisodeStatistics(VectorEnvPtr envs, std::size_t buffer_length, std::string key,
                                                 Clock clock)
    : VectorWrapper(std::move(envs),
                    {"vector.RecordEpisodeStatistics",
                     {{"buffer_length", static_cast<std::int64_t>(buffer_length)}, {"stats_key", key}}}),
      key_(std::move(key)),
      clock_(std::move(clock)),
      starts_(num_envs()),
      returns_(num_envs()),
      lengths_(num_envs()),
      finished_(buffer_length) {}

void RecordEpisodeStatistics::after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) {
  result_ = inside;
  for (std::size_t i = 0; i < num_envs(); ++i) {
    if (mask[i]) begin(i);
  }
}

void RecordEpisodeStatistics::after_step(const VectorStep& inside) {
  result_ = inside;
  const Shape shape{static_cast<std::int64_t>(num_envs())};
  Array returns(DType::kFloat64, shape), lengths(DType::kInt64, shape), seconds(DType::kFloat64, shape),
      ended(DType::kBool, shape);
  bool any = false;
  for (std::size_t i = 0; i < num_envs(); ++i) {
    // the step that only resets belongs to no episode
    if (inside.was_reset[i]) {
      begin(i);
      continue;
    }
    returns_[i] += inside.rewards[i];
    ++lengths_[i];
    if (!inside.terminated[i] && !inside.truncated[i]) continue;

    any = true;
    const double took = envs::RecordEpisodeStatistics::elapsed(starts_[i], clock_());
    returns.data<double>()[i] = returns_[i];
    lengths.data<std::int64_t>()[i] = lengths_[i];
    seconds.data<double>()[i] = took;
    ended.data<bool>()[i] = true;
    finished_.add(returns_[i], lengths_[i], took);
    if (autoreset_mode() == AutoresetMode::kSameStep) begin(i);  // the next episode has begun already
  }
  if (!any) return;

  if (result_.info.contains(key_) || result_.info.contains("_" + key_)) {
    throw InvalidArgument(formatted(
        "info already has an entry \"{}\"; with two RecordEpisodeStatistics give one another stats_key", key_));
  }
  result_.info[key_] = Dict{{"r", std::move(returns)}, {"l", std::move(lengths)}, {"t", std::move(seconds)}};
  result_.info["_" + key_] = std::move(ended);
}

void RecordEpisodeStatistics::begin(std::size_t i) {
  starts_[i] = clock_();
  returns_[i] = 0;
  lengths_[i] = 0;
}

std::vector<double> RecordEpisodeStatistics::elapsed() const {
  std::vector<double> elapsed;
  for (const double start : starts_) elapsed.push_back(clock_() - start);
  return elapsed;
}

}  // namespace ludus::envs::vector
