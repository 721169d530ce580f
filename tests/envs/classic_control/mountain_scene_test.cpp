#include "envs/classic_control/mountain_scene.h"

#include <gtest/gtest.h>

#include <cmath>

#include "envs/classic_control/mountain_car.h"

namespace ludus::envs {
namespace {

TEST(MountainScene, DrawsCarOnTheHillAndFlagAtTheGoal) {
  const Scene scene = mountain_scene(-0.3, -1.2, 0.6, 0.5);
  ASSERT_EQ(scene.items.size(), 6u);  // hill, car, two wheels, pole, flag
  const auto& hill = std::get<Polyline>(scene.items[0]);
  EXPECT_EQ(hill.points.front().x, -1.2);
  EXPECT_NEAR(hill.points.back().x, 0.6, 1e-12);
  EXPECT_NEAR(hill.points.front().y, 0.45 * std::sin(-3.6) + 0.55, 1e-12);

  // the wheels stand either side of the car's place, 20 pixels apart along its tilt
  const Point a = std::get<Circle>(scene.items[2]).center, b = std::get<Circle>(scene.items[3]).center;
  EXPECT_NEAR((a.x + b.x) / 2, -0.3, 1e-12);
  EXPECT_NEAR(std::hypot(a.x - b.x, a.y - b.y), 20 * 0.003, 1e-12);
  EXPECT_NEAR(std::atan2(a.y - b.y, a.x - b.x), std::cos(3 * -0.3), 1e-12);

  const auto& pole = std::get<Polyline>(scene.items[4]);
  EXPECT_EQ(pole.points[0].x, 0.5);
  EXPECT_NEAR(pole.points[0].y, 0.45 * std::sin(1.5) + 0.55, 1e-12);
}

TEST(MountainScene, RejectsAnEmptyWorld) {
  EXPECT_NO_THROW(check_mountain(-1, 1));
  EXPECT_THROW(check_mountain(1, 1), InvalidArgument);
  EXPECT_THROW(check_fields(MountainCar::Config{.max_speed = -0.1}, "MountainCar-v0"), InvalidArgument);
}

TEST(MountainScene, SpaceHasTheWorldsBounds) {
  const SpacePtr space = mountain_space(-1.2, 0.6, 0.07);
  const auto& box = dynamic_cast<const Box&>(*space);
  EXPECT_EQ(box.low(), Array::of({-1.2f, -0.07f}));
  EXPECT_EQ(box.high(), Array::of({0.6f, 0.07f}));
}

}  // namespace
}  // namespace ludus::envs
