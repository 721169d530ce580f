// The picture of a race, as Gymnasium paints it: 1000 by 800, the car in the lower middle with its nose up, the road
// and the grass turning about it, and a bar with instruments at the bottom.
#pragma once

#include <cstdint>
#include <span>

#include "envs/box2d/car_racing.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kPictureWidth = 1000, kPictureHeight = 800;

// The small picture of 96 by 96 pixels that the agent sees; it shows no traces of skidding.
void paint_observation(const CarRacingState& state, std::span<std::uint8_t> out);

// The large picture for people.
Scene paint_scene(const CarRacingState& state);

}  // namespace ludus::envs
