// Functions of one observation, action or reward, with the space they make: what a stateless wrapper is.
//
// The same function serves a single environment (envs/wrappers/transform_wrappers.h) and a vector of them
// (envs/wrappers/vector/transform.h).
#pragma once

#include <functional>

#include "base/value.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

struct ObservationTransform {
  WrapperSpec self;                                                 // name and arguments, as the spec records them
  SpacePtr space;                                                   // of what `apply` gives
  std::function<void(const Value& observation, Value& out)> apply;  // uses the memory of `out` again
};

struct ActionTransform {
  WrapperSpec self;
  SpacePtr space;                                              // of what `apply` takes
  std::function<void(const Value& action, Value& out)> apply;  // gives an action of the environment inside
};

struct RewardTransform {
  WrapperSpec self;
  std::function<double(double)> apply;
};

// Makes the transform for an environment of that observation or action space; throws InvalidArgument where it does not
// apply.
using MakeObservationTransform = std::function<ObservationTransform(const Space& inside)>;
using MakeActionTransform = std::function<ActionTransform(const Space& inside)>;

template <class Transform>
Transform copy_of(const Transform& transform) {
  return {transform.self, transform.space->clone(), transform.apply};
}

// The array of that dtype and shape in `out`: the one that is there, if it is such a one.
Array& array_in(Value& out, DType dtype, const Shape& shape);

// Any function. Without a space, it gives observations of the space that it takes, or takes actions of the one inside.
// The spec records the name alone, so that such a stack cannot be rebuilt from it.
MakeObservationTransform transform_observation(std::function<Value(const Value&)> function, SpacePtr space = {});
MakeActionTransform transform_action(std::function<Value(const Value&)> function, SpacePtr space = {});
RewardTransform transform_reward(std::function<double(double)> function);

}  // namespace ludus::envs
