// The figures that grid worlds are drawn with. The world's unit is one cell; row 0 is the uppermost.
#pragma once

#include <cstdint>

#include "envs/core/scene.h"

namespace ludus::envs {

struct Cell {
  std::int64_t row, column;
};

enum class Heading : std::uint8_t { kLeft, kDown, kRight, kUp };

// An empty picture of that many cells, each so many pixels wide and high.
Scene grid_scene(std::int64_t rows, std::int64_t columns, int cell_pixels);

// The middle of a cell of `scene`.
Point middle_of(const Scene& scene, Cell cell);

void add_rectangle(Scene& scene, Point low, Point high, const Paint& paint);
void add_tile(Scene& scene, Cell cell, Color fill, Color outline);

// Somebody in a green hood who looks where they go; their cell is 1 wide.
void add_walker(Scene& scene, Point middle, Heading heading);

// Where the walk begins.
void add_stool(Scene& scene, Point middle);

}  // namespace ludus::envs
