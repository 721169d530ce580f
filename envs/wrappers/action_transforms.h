/// @file
/// Gymnasium's stateless transforms of actions and rewards. Each throws InvalidArgument, when it is created for a
/// space, if it does not apply to it or an argument is invalid.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

/// Clips actions to the bounds of the Box.
MakeActionTransform clip_action();

/// Maps actions in [min_action, max_action] onto the Box: the inverse of BoxRescaling.
MakeActionTransform rescale_action(const Value& min_action, const Value& max_action);

/// Maps the index of a cell of a finite Box to the cell's centre: see BoxGrid.
MakeActionTransform discretize_action(const std::vector<std::int64_t>& bins, bool multidiscrete = false);

/// Clips rewards to [min_reward, max_reward]. Throws InvalidArgument if both bounds are missing, or min_reward >
/// max_reward.
RewardTransform clip_reward(std::optional<double> min_reward, std::optional<double> max_reward);

}  // namespace ludus::envs
