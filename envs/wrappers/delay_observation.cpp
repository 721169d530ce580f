#include "envs/wrappers/delay_observation.h"

#include "base/format.h"
#include "envs/spaces/zero_element.h"

namespace ludus::envs {
namespace {

std::size_t checked_delay(std::int64_t delay) {
  if (delay >= 0) return static_cast<std::size_t>(delay);
  throw InvalidArgument(formatted("DelayObservation: delay must be at least 0, got {}", delay));
}

}  // namespace

DelayObservation::DelayObservation(EnvPtr env, std::int64_t delay)
    : ObservationWrapper(std::move(env), {"DelayObservation", {{"delay", delay}}}),
      zero_(zero_element(inner().observation_space())),
      waiting_(checked_delay(delay), zero_) {}

Reset DelayObservation::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  seen_ = 0;
  return ObservationWrapper::reset(seed, options);
}

void DelayObservation::observe(const Value& inside, Value& out) {
  if (waiting_.empty()) {
    out = inside;
    return;
  }
  Value& place = waiting_[seen_ % waiting_.size()];
  out = seen_ < waiting_.size() ? zero_ : place;
  place = inside;
  ++seen_;
}

std::unique_ptr<Wrapper> DelayObservation::clone_around(EnvPtr env) const {
  return std::make_unique<DelayObservation>(std::move(env), static_cast<std::int64_t>(waiting_.size()));
}

}  // namespace ludus::envs
