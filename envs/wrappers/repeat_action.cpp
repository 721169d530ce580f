#include "envs/wrappers/repeat_action.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/wrappers/value_transforms.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
RepeatAction::RepeatAction(EnvPtr env, std::int64_t num_repeats)
    : Wrapper(std::move(env), {"RepeatAction", {{"num_repeats", num_repeats}}}),
      num_repeats_(checked(RepeatActionArguments{num_repeats}, "RepeatAction").num_repeats) {}

void RepeatAction::step_into(const Value& action, Step& out) {
  double reward = 0;
  for (std::int64_t i = 0; i < num_repeats_; ++i) {
    inner().step_into(action, out);
    reward += out.reward;
    if (out.terminated || out.truncated) break;
  }
  out.reward = reward;
}

std::unique_ptr<Wrapper> RepeatAction::clone_around(EnvPtr env) const {
  return std::make_unique<RepeatAction>(std::move(env), num_repeats_);
}

MaxAndSkipObservation::MaxAndSkipObservation(EnvPtr env, std::int64_t skip)
    : Wrapper(std::move(env), {"MaxAndSkipObservation", {{"skip", skip}}}),
      skip_(checked(MaxAndSkipArguments{skip}, "MaxAndSkipObservation").skip) {
  const auto form = array_form(inner().observation_space());
  if (!form || inner().observation_space().kind() == "Discrete") {
    throw InvalidArgument(formatted("MaxAndSkipObservation needs observations that are arrays, got {}",
                                    inner().observation_space().to_string()));
  }
  before_last_ = last_ = Array(form->dtype, form->shape);
}

void MaxAndSkipObservation::step_into(const Value& action, Step& out) {
  double reward = 0;
  for (std::int64_t i = 0; i < skip_; ++i) {
    inner().step_into(action, out);
    reward += out.reward;
    if (i == skip_ - 2) before_last_ = out.observation.as_array();
    if (i == skip_ - 1) last_ = out.observation.as_array();
    if (out.terminated || out.truncated) break;
  }
  out.reward = reward;

  Array& most = array_in(out.observation, last_.dtype(), last_.shape());
  dispatch(most.dtype(), [&](auto none) {
    using T = decltype(none);
    std::ranges::transform(before_last_.data<T>(), last_.data<T>(), most.data<T>().begin(),
                           [](T a, T b) { return a != a || a > b ? a : b; });  // NaN if one is
  });
}

std::unique_ptr<Wrapper> MaxAndSkipObservation::clone_around(EnvPtr env) const {
  return std::make_unique<MaxAndSkipObservation>(std::move(env), skip_);
}

}  // namespace ludus::envs
