/// @file
/// The terrain of BipedalWalker: grass, and in hardcore mode stumps, stairs and pits.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/rng.h"
#include "envs/core/scene.h"

namespace ludus::envs {

struct BipedalTerrain {
  static constexpr double kScale = 30.0;               ///< px to a metre
  static constexpr double kStep = 14 / kScale;         ///< between two points of the ground, m
  static constexpr std::size_t kPoints = 200;          ///< of the ground
  static constexpr double kHeight = 400 / kScale / 4;  ///< of the start, m
  static constexpr int kGrass = 10;                    ///< longest grass between two obstacles, in steps
  static constexpr int kStartPad = 20;                 ///< level ground at the start, in steps

  using Quad = std::array<Point, 4>;
  using Cloud = std::array<Point, 5>;

  std::array<double, kPoints> heights{};  ///< m, at x = i kStep
  std::vector<Quad> obstacles;            ///< solid, m
  std::vector<Cloud> clouds;              ///< m, before the parallax

  /// Draws the ground, then ten clouds, as Gymnasium.
  static BipedalTerrain draw(bool hardcore, Generator& generator);
};

}  // namespace ludus::envs
