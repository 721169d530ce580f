#include "envs/box2d/viewport.h"

#include "base/format.h"

namespace ludus::envs {

std::vector<Vec2> box(double half_width, double half_height) {
  return {metres(-half_width, -half_height), metres(half_width, -half_height), metres(half_width, half_height),
          metres(-half_width, half_height)};
}

void refuse_options(const Dict& options) {
  if (options.empty()) return;
  throw InvalidArgument(formatted("unknown reset option \"{}\"; this environment has none", options.begin()->first));
}

Scene viewport(double left) {
  Scene scene;
  scene.low = {left, 0};
  scene.high = {left + kViewportWidth / kScale, kViewportHeight / kScale};
  scene.width = static_cast<int>(kViewportWidth);
  scene.height = static_cast<int>(kViewportHeight);
  return scene;
}

Polygon outline_of(const World& world, std::size_t body, std::size_t fixture, const Paint& paint) {
  Polygon polygon{{}, paint};
  for (const Vec2 corner : world.def().bodies[body].fixtures[fixture].points) {
    polygon.points.push_back(point(world.to_world(body, corner)));
  }
  return polygon;
}

void draw_flag(Scene& scene, Point foot, Color pole, const Paint& cloth) {
  constexpr double kHeight = 50 / kScale, kCloth = 10 / kScale, kLength = 25 / kScale;
  const double top = foot.y + kHeight;
  scene.items.push_back(Polyline{{foot, {foot.x, top}}, pole, 0});
  scene.items.push_back(Polygon{{{foot.x, top}, {foot.x, top - kCloth}, {foot.x + kLength, top - kCloth / 2}}, cloth});
}

}  // namespace ludus::envs
