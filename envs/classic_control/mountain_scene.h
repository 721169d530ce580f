// What the two mountain cars share: the world's measures and its picture.
#pragma once

#include "envs/core/scene.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

// Throws InvalidArgument unless the walls stand in order and the speed is positive.
void check_mountain(double min_position, double max_position, double max_speed);

// Box(2) of float32: position, velocity.
SpacePtr mountain_space(double min_position, double max_position, double max_speed);

// The hill sin 3x, the car on it and the flag at the goal; the world's unit is that of positions.
Scene mountain_scene(double position, double min_position, double max_position, double goal_position);

}  // namespace ludus::envs
