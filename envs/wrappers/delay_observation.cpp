#include "envs/wrappers/delay_observation.h"

#include "envs/spaces/zero_element.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
DelayObservation::DelayObservation(EnvPtr env, std::int64_t delay)
    : ObservationWrapper(std::move(env), {"DelayObservation", {{"delay", delay}}}),
      zero_(zero_element(inner().observation_space())),
      waiting_(static_cast<std::size_t>(checked(DelayObservationArguments{delay}, "DelayObservation").delay), zero_) {}

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
