#include "envs/wrappers/time_limit.h"

#include <algorithm>

#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {

namespace {

// Empty for the innermost.
WrapperSpec recorded(Env& inside, std::int64_t max_episode_steps) {
  if (inside.spec().wrappers.empty() && !find_wrapper<TimeLimit>(inside)) return {};
  return {"TimeLimit", {{"max_episode_steps", max_episode_steps}}};
}

}  // namespace

std::optional<std::int64_t> least_time_limit(const EnvSpec& spec) {
  std::optional<std::int64_t> least = spec.max_episode_steps;
  for (const WrapperSpec& wrapper : spec.wrappers) {
    if (wrapper.name != "TimeLimit") continue;
    const std::int64_t limit = wrapper.kwargs.at("max_episode_steps").as_int();
    least = least ? std::min(*least, limit) : limit;
  }
  return least;
}

TimeLimit::TimeLimit(EnvPtr env, std::int64_t max_episode_steps)
    : Wrapper(std::move(env), recorded(*env, max_episode_steps)), max_episode_steps_(max_episode_steps) {
  check_fields(TimeLimitArguments{max_episode_steps}, "TimeLimit");
  if (spec().wrappers.size() > inner().spec().wrappers.size()) return;  // recorded there
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
  // truncated is set in addition to terminated, never instead: agents must distinguish them
  if (elapsed_ >= max_episode_steps_) out.truncated = true;
}

std::unique_ptr<Wrapper> TimeLimit::clone_around(EnvPtr env) const {
  return std::make_unique<TimeLimit>(std::move(env), max_episode_steps_);
}

}  // namespace ludus::envs
