/// @file
/// Checks, observation space and scene shared by the two mountain cars.
#pragma once

#include "envs/core/scene.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// Throws InvalidArgument unless min_position < max_position.
void check_mountain(double min_position, double max_position);

/// Box(2) of float32: position, velocity.
SpacePtr mountain_space(double min_position, double max_position, double max_speed);

/// Draws the hill sin 3x, the car and the flag at the goal, in units of position.
Scene mountain_scene(double position, double min_position, double max_position, double goal_position);

}  // namespace ludus::envs
