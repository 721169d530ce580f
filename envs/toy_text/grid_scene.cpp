#include "envs/toy_text/grid_scene.h"

namespace ludus::envs {

Scene grid_scene(std::int64_t rows, std::int64_t columns, int cell_pixels) {
  Scene scene;
  scene.low = {0, 0};
  scene.high = {static_cast<double>(columns), static_cast<double>(rows)};
  scene.width = static_cast<int>(columns) * cell_pixels;
  scene.height = static_cast<int>(rows) * cell_pixels;
  return scene;
}

Point middle_of(const Scene& scene, Cell cell) {
  return {static_cast<double>(cell.column) + 0.5, scene.high.y - static_cast<double>(cell.row) - 0.5};
}

void add_rectangle(Scene& scene, Point low, Point high, const Paint& paint) {
  scene.items.push_back(Polygon{{low, {low.x, high.y}, high, {high.x, low.y}}, paint});
}

void add_tile(Scene& scene, Cell cell, Color fill, Color outline) {
  const Point middle = middle_of(scene, cell);
  add_rectangle(scene, {middle.x - 0.5, middle.y - 0.5}, {middle.x + 0.5, middle.y + 0.5},
                {.fill = fill, .outline = outline, .outline_width = 0.02});
}

void add_walker(Scene& scene, Point middle, Heading heading) {
  constexpr Color kHood{46, 125, 50, 255}, kCoat{56, 142, 60, 255}, kSkin{255, 213, 170, 255}, kEye{40, 30, 30, 255},
      kBoot{93, 64, 55, 255}, kHair{121, 85, 52, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x, middle.y + y}; };
  const Color no_color{0, 0, 0, 0};

  for (const double side : {-0.1, 0.1}) {
    add_rectangle(scene, at(side - 0.06, -0.38), at(side + 0.06, -0.26), {.fill = kBoot});
  }
  scene.items.push_back(Polygon{{at(-0.2, -0.3), at(-0.12, 0.02), at(0.12, 0.02), at(0.2, -0.3)}, {.fill = kCoat}});
  scene.items.push_back(Circle{at(0, 0.1), 0.17, {.fill = heading == Heading::kUp ? kHair : kSkin}});
  scene.items.push_back(Polygon{{at(-0.2, 0.14), at(0.0, 0.44), at(0.2, 0.14)}, {.fill = kHood, .outline = no_color}});

  // the eyes look ahead; seen from behind there are none
  const double ahead = heading == Heading::kLeft ? -0.07 : heading == Heading::kRight ? 0.07 : 0;
  if (heading == Heading::kUp) return;
  for (const double side : {-0.06, 0.06}) scene.items.push_back(Circle{at(ahead + side, 0.08), 0.025, {.fill = kEye}});
}

void add_stool(Scene& scene, Point middle) {
  constexpr Color kWood{141, 110, 99, 255}, kSeat{188, 143, 103, 255};
  const auto at = [&](double x, double y) { return Point{middle.x + x, middle.y + y}; };
  for (const double side : {-0.18, 0.18}) {
    add_rectangle(scene, at(side - 0.04, -0.32), at(side + 0.04, -0.02), {.fill = kWood});
  }
  add_rectangle(scene, at(-0.28, -0.06), at(0.28, 0.06), {.fill = kSeat, .outline = kWood, .outline_width = 0.02});
}

}  // namespace ludus::envs
