/// @file
/// Rendering of CarRacing, as in Gymnasium: 1000 by 800, centred on the car, which points up, with instruments at the
/// bottom.
#pragma once

#include <cstdint>
#include <span>

#include "envs/box2d/car_racing.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kImageWidth = 1000, kImageHeight = 800;

/// Paints the observation, (96 x 96 x 3) row-major; it shows no skid marks.
void paint_observation(const CarRacingState& state, std::span<std::uint8_t> out);

/// Returns the scene for people.
Scene paint_scene(const CarRacingState& state);

}  // namespace ludus::envs
