#include "envs/wrappers/time_limit.h"

namespace ludus::envs {

TimeLimit::TimeLimit(EnvPtr env, std::int64_t max_episode_steps)
    : Wrapper(std::move(env), {}), max_episode_steps_(max_episode_steps) {
  if (max_episode_steps <= 0) {
    throw InvalidArgument("a time limit must be a positive number of steps, and is " +
                          std::to_string(max_episode_steps));
  }
  EnvSpec limited = spec();
  limited.max_episode_steps = max_episode_steps;
  set_spec(std::move(limited));
}

Reset TimeLimit::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  elapsed_ = 0;
  return inner().reset(seed, options);
}

void TimeLimit::step_into(const Value& action, Step& out) {
  inner().step_into(action, out);
  ++elapsed_;
  // truncation stands beside termination, never in its place: a learner must tell them apart
  if (elapsed_ >= max_episode_steps_) out.truncated = true;
}

std::unique_ptr<Wrapper> TimeLimit::rewrap(EnvPtr env) const {
  return std::make_unique<TimeLimit>(std::move(env), max_episode_steps_);
}

}  // namespace ludus::envs
