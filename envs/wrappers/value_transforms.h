/// @file
/// Transforms of one observation, action or reward, with the resulting space: the content of a stateless wrapper.
///
/// The same function serves a single environment (envs/wrappers/transform_wrappers.h) and a vector of them
/// (envs/wrappers/vector/transform.h).
#pragma once

#include <functional>

#include "base/value.h"
#include "envs/core/spec.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

struct ObservationTransform {
  WrapperSpec self;                                                 ///< name and arguments, as recorded in the spec
  SpacePtr space;                                                   ///< of the results of `apply`
  std::function<void(const Value& observation, Value& out)> apply;  ///< reuses the storage of `out`
};

struct ActionTransform {
  WrapperSpec self;
  SpacePtr space;                                              ///< of the arguments of `apply`
  std::function<void(const Value& action, Value& out)> apply;  ///< writes an inner action
};

struct RewardTransform {
  WrapperSpec self;
  std::function<double(double)> apply;
};

/// Creates the transform for an observation or action space. Throws InvalidArgument if it does not apply.
using MakeObservationTransform = std::function<ObservationTransform(const Space& inside)>;
using MakeActionTransform = std::function<ActionTransform(const Space& inside)>;

template <class Transform>
Transform copy_of(const Transform& transform) {
  return {transform.self, transform.space->clone(), transform.apply};
}

/// Returns the array in `out`, reused if it already has that dtype and shape, otherwise replaced.
Array& array_in(Value& out, DType dtype, const Shape& shape);

/// Wrap any function; default for `space`: the inner space. The spec records the name only, so the stack cannot be
/// rebuilt from it.
MakeObservationTransform transform_observation(std::function<Value(const Value&)> function, SpacePtr space = {});
MakeActionTransform transform_action(std::function<Value(const Value&)> function, SpacePtr space = {});
RewardTransform transform_reward(std::function<double(double)> function);

}  // namespace ludus::envs
