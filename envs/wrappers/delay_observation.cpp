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

Value DelayObservation::save() const {
  return Dict{{"waiting", waiting_}, {"seen", static_cast<std::int64_t>(seen_)}};
}

void DelayObservation::restore(const Value& saved) {
  const List& waiting = saved.as_dict().at("waiting").as_list();
  const std::int64_t seen = saved.as_dict().at("seen").as_int();
  if (waiting.size() != waiting_.size() || seen < 0) {
    throw TypeMismatch(formatted("a saved DelayObservation of {} steps cannot be restored into one of {}",
                                 waiting.size(), waiting_.size()));
  }
  waiting_ = waiting;
  seen_ = static_cast<std::size_t>(seen);
}

std::unique_ptr<Wrapper> DelayObservation::clone_around(EnvPtr env) const {
  return std::make_unique<DelayObservation>(std::move(env), static_cast<std::int64_t>(waiting_.size()));
}

}  // namespace ludus::envs
