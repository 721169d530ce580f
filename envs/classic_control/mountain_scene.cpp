#include "envs/classic_control/mountain_scene.h"

#include <cmath>

#include "base/format.h"

namespace ludus::envs {
namespace {

double height_at(double position) {
  return std::sin(3 * position) * 0.45 + 0.55;
}

}  // namespace

void check_mountain(double min_position, double max_position) {
  if (min_position < max_position) return;
  throw InvalidArgument(
      formatted("min_position must be below max_position, got {} and {}", min_position, max_position));
}

SpacePtr mountain_space(double min_position, double max_position, double max_speed) {
  const auto speed = static_cast<float>(max_speed);
  return std::make_unique<Box>(Array::of({static_cast<float>(min_position), -speed}),
                               Array::of({static_cast<float>(max_position), speed}));
}

Scene mountain_scene(double position, double min_position, double max_position, double goal_position) {
  // 600 pixels show the world from wall to wall
  const double pixel = (max_position - min_position) / 600;
  constexpr int kCurvePoints = 100;
  constexpr Color kBlack{0, 0, 0, 255}, kWheel{128, 128, 128, 255}, kFlag{204, 204, 0, 255};

  Scene scene;
  scene.low = {min_position, 0};
  scene.high = {max_position, 400 * pixel};
  scene.width = 600;
  scene.height = 400;

  Polyline hill{{}, kBlack, 0};
  for (int i = 0; i < kCurvePoints; ++i) {
    const double x = min_position + (max_position - min_position) * i / (kCurvePoints - 1);
    hill.points.push_back({x, height_at(x)});
  }
  scene.items.push_back(std::move(hill));

  // the car stands a clearance above the hill, tilted by cos 3x (a third of the slope's 1.35 cos 3x, near its angle)
  const double tilt = std::cos(3 * position), along_x = std::cos(tilt), along_y = std::sin(tilt);
  const Point ground{position, height_at(position) + 10 * pixel};
  const auto at = [&](double along, double up) {  // pixels
    return Point{ground.x + (along * along_x - up * along_y) * pixel,
                 ground.y + (along * along_y + up * along_x) * pixel};
  };
  scene.items.push_back(Polygon{{at(-20, 0), at(-20, 20), at(20, 20), at(20, 0)}, {.fill = kBlack}});
  for (const double along : {10.0, -10.0}) scene.items.push_back(Circle{at(along, 0), 8 * pixel, {.fill = kWheel}});

  // the flag on its pole of 50 pixels
  const Point foot{goal_position, height_at(goal_position)};
  const Point top{foot.x, foot.y + 50 * pixel};
  scene.items.push_back(Polyline{{foot, top}, kBlack, 0});
  scene.items.push_back(
      Polygon{{top, {top.x, top.y - 10 * pixel}, {top.x + 25 * pixel, top.y - 5 * pixel}}, {.fill = kFlag}});
  return scene;
}

}  // namespace ludus::envs
