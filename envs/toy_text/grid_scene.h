/// @file
/// Drawing of grid worlds. The unit is one cell; row 0 is at the top.
#pragma once

#include <cstdint>

#include "envs/core/scene.h"

namespace ludus::envs {

struct Cell {
  std::int64_t row, column;
};

enum class Heading : std::uint8_t { kLeft, kDown, kRight, kUp };

/// Returns an empty scene of rows x columns cells, each `cell_pixels` wide and high.
Scene grid_scene(std::int64_t rows, std::int64_t columns, int cell_pixels);

/// Returns the centre of a cell.
Point middle_of(const Scene& scene, Cell cell);

void add_rectangle(Scene& scene, Point low, Point high, const Paint& paint);
void add_tile(Scene& scene, Cell cell, Color fill, Color outline);

/// Draws the walker, a figure in a green hood that faces `heading`.
void add_walker(Scene& scene, Point middle, Heading heading);

/// Draws the start.
void add_stool(Scene& scene, Point middle);

}  // namespace ludus::envs
