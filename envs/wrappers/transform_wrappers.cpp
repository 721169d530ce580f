#include "envs/wrappers/transform_wrappers.h"

namespace ludus::envs {

Reset ObservationWrapper::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  Reset result = inner().reset(seed, options);
  std::swap(inside_, result.observation);
  observe(inside_, result.observation);
  return result;
}

void ObservationWrapper::step_into(const Value& action, Step& out) {
  // swapped back and forth, so that each of the two observations reuses its storage in every step
  std::swap(inside_, out.observation);
  inner().step_into(action, out);
  std::swap(inside_, out.observation);
  observe(inside_, out.observation);
}

TransformObservation::TransformObservation(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space)
    : TransformObservation(std::move(env), transform_observation(std::move(function), std::move(space))) {}

TransformObservation::TransformObservation(EnvPtr env, const MakeObservationTransform& make)
    : TransformObservation(make(env->observation_space()), std::move(env)) {}

TransformObservation::TransformObservation(ObservationTransform transform, EnvPtr&& env)
    : ObservationWrapper(std::move(env), transform.self), transform_(std::move(transform)) {}

std::unique_ptr<Wrapper> TransformObservation::clone_around(EnvPtr env) const {
  return std::unique_ptr<Wrapper>(new TransformObservation(copy_of(transform_), std::move(env)));
}

TransformAction::TransformAction(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space)
    : TransformAction(std::move(env), transform_action(std::move(function), std::move(space))) {}

TransformAction::TransformAction(EnvPtr env, const MakeActionTransform& make)
    : TransformAction(make(env->action_space()), std::move(env)) {}

TransformAction::TransformAction(ActionTransform transform, EnvPtr&& env)
    : Wrapper(std::move(env), transform.self), transform_(std::move(transform)) {}

void TransformAction::step_into(const Value& action, Step& out) {
  transform_.apply(action, inside_);
  inner().step_into(inside_, out);
}

std::unique_ptr<Wrapper> TransformAction::clone_around(EnvPtr env) const {
  return std::unique_ptr<Wrapper>(new TransformAction(copy_of(transform_), std::move(env)));
}

std::unique_ptr<Wrapper> TransformReward::clone_around(EnvPtr env) const {
  return std::unique_ptr<Wrapper>(new TransformReward(std::move(env), transform_));
}

}  // namespace ludus::envs
