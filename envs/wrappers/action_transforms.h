// Gymnasium's stateless functions of an action and a reward. Each throws InvalidArgument, when it is made for a space, if
// it does not apply to it or an argument is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

// Takes any reals and gives the nearest action of the Box.
MakeActionTransform clip_action();

// Takes actions in [min_action, max_action] and gives those of the Box: the inverse of BoxRescaling.
MakeActionTransform rescale_action(const Value& min_action, const Value& max_action);

// Takes the number of a cell of a finite Box and gives its middle: see BoxGrid.
MakeActionTransform discretize_action(const std::vector<std::int64_t>& bins, bool multidiscrete = false);

// The reward, but not below or above. Throws InvalidArgument if neither bound is given, or min_reward > max_reward.
RewardTransform clip_reward(std::optional<double> min_reward, std::optional<double> max_reward);

}  // namespace ludus::envs
