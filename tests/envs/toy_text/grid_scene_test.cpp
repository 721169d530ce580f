#include "envs/toy_text/grid_scene.h"

#include <gtest/gtest.h>

namespace ludus::envs {
namespace {

TEST(GridScene, RowZeroIsAtTheTop) {
  Scene scene = grid_scene(3, 5, 10);
  EXPECT_EQ(scene.width, 50);
  EXPECT_EQ(scene.height, 30);
  EXPECT_EQ(scene.high, (Point{5, 3}));
  EXPECT_EQ(middle_of(scene, {0, 0}), (Point{0.5, 2.5}));
  EXPECT_EQ(middle_of(scene, {2, 4}), (Point{4.5, 0.5}));

  add_tile(scene, {1, 2}, {1, 2, 3, 255}, {4, 5, 6, 255});
  const auto& tile = std::get<Polygon>(scene.items.back());
  EXPECT_EQ(tile.points[0], (Point{2, 1}));
  EXPECT_EQ(tile.points[2], (Point{3, 2}));
}

TEST(GridScene, WalkerFacesItsHeading) {
  const auto eyes = [](Heading heading) {
    Scene scene = grid_scene(1, 1, 10);
    add_walker(scene, {0.5, 0.5}, heading);
    double sum = 0;
    int count = 0;
    for (const SceneItem& item : scene.items) {
      const auto* circle = std::get_if<Circle>(&item);
      if (circle && circle->radius < 0.05) sum += circle->center.x - 0.5, ++count;
    }
    return std::pair{count, sum};
  };
  EXPECT_EQ(eyes(Heading::kUp).first, 0);
  EXPECT_EQ(eyes(Heading::kDown).first, 2);
  EXPECT_NEAR(eyes(Heading::kDown).second, 0, 1e-12);
  EXPECT_LT(eyes(Heading::kLeft).second, -0.1);
  EXPECT_GT(eyes(Heading::kRight).second, 0.1);
}

}  // namespace
}  // namespace ludus::envs
