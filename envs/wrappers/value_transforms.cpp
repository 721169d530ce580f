#include "envs/wrappers/value_transforms.h"

#include <memory>

namespace ludus::envs {
namespace {

// shared, because a std::function must be copyable and SpacePtr is not
SpacePtr clone_or_inside(const std::shared_ptr<const Space>& space, const Space& inside) {
  return space ? space->clone() : inside.clone();
}

}  // namespace

Array& array_in(Value& out, DType dtype, const Shape& shape) {
  if (!out.is_array() || out.as_array().dtype() != dtype || !(out.as_array().shape() == shape)) {
    out = Array(dtype, shape);
  }
  return out.as_array();
}

MakeObservationTransform transform_observation(std::function<Value(const Value&)> function, SpacePtr space) {
  return
      [function = std::move(function), shared = std::shared_ptr<const Space>(std::move(space))](const Space& inside) {
        return ObservationTransform{{"TransformObservation", {}},
                                    clone_or_inside(shared, inside),
                                    [function](const Value& observation, Value& out) { out = function(observation); }};
      };
}

MakeActionTransform transform_action(std::function<Value(const Value&)> function, SpacePtr space) {
  return
      [function = std::move(function), shared = std::shared_ptr<const Space>(std::move(space))](const Space& inside) {
        return ActionTransform{{"TransformAction", {}},
                               clone_or_inside(shared, inside),
                               [function](const Value& action, Value& out) { out = function(action); }};
      };
}

RewardTransform transform_reward(std::function<double(double)> function) {
  return {{"TransformReward", {}}, std::move(function)};
}

}  // namespace ludus::envs
