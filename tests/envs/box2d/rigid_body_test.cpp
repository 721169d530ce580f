#include "envs/box2d/rigid_body.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/error.h"

namespace ludus::envs {
namespace {

ConvexPolygon square(float x, float y, float side) {
  return convex_hull(std::array<Vec2f, 4>{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}});
}

TEST(RigidBody, HullStartsAtTheRightmostCorner) {
  // given clockwise, with a point inside and one on an edge
  const std::array<Vec2f, 6> points{{{0, 2}, {2, 2}, {2, 0}, {0, 0}, {1, 1}, {1, 0}}};
  const ConvexPolygon hull = convex_hull(points);
  const std::vector<Vec2f> corners(hull.points().begin(), hull.points().end());
  EXPECT_EQ(corners, (std::vector<Vec2f>{{2, 0}, {2, 2}, {0, 2}, {0, 0}}));
}

TEST(RigidBody, HullRejectsCollinearPoints) {
  EXPECT_THROW(convex_hull(std::array<Vec2f, 2>{{{0, 0}, {1, 0}}}), InvalidArgument);
  EXPECT_THROW(convex_hull(std::array<Vec2f, 3>{{{0, 0}, {1, 0}, {2, 0}}}), InvalidArgument);
  EXPECT_THROW(convex_hull(std::array<Vec2f, 3>{{{1, 1}, {1, 1}, {1, 1}}}), InvalidArgument);
  EXPECT_THROW(convex_hull(std::vector<Vec2f>(9)), InvalidArgument);
}

TEST(RigidBody, MassOfASquareAndOfTwo) {
  // 2 m by 2 m at 3 kg/m²: 12 kg, I = m (a² + a²) / 12 = 12 · 8 / 12 = 8 kg m²
  const ConvexPolygon left = square(0, 0, 2), right = square(2, 0, 2);
  const MassProperties one = mass_properties({&left, 1}, 3);
  EXPECT_FLOAT_EQ(one.mass, 12);
  EXPECT_FLOAT_EQ(one.center.x, 1);
  EXPECT_FLOAT_EQ(one.center.y, 1);
  EXPECT_FLOAT_EQ(one.inertia, 8);

  // side by side they are a rectangle of 4 m by 2 m: 24 kg, 24 (16 + 4) / 12 = 40 kg m²
  const MassProperties two = mass_properties(std::array{left, right}, 3);
  EXPECT_FLOAT_EQ(two.mass, 24);
  EXPECT_FLOAT_EQ(two.center.x, 2);
  EXPECT_FLOAT_EQ(two.inertia, 40);
  EXPECT_FLOAT_EQ(two.inverse_mass, 1.0f / 24);
  EXPECT_FLOAT_EQ(two.inverse_inertia, 1.0f / 40);
}

TEST(RigidBody, FrameTurnsAboutItsOrigin) {
  // centre of mass at (1, 1) of the frame; a quarter turn carries it to (−1, 1)
  const ConvexPolygon shape = square(0, 0, 2);
  const MassProperties mass = mass_properties({&shape, 1}, 1);
  RigidBody body = RigidBody::at({10, 20}, 1.57079632679f, mass);
  EXPECT_NEAR(body.center.x, 9, 1e-5);
  EXPECT_NEAR(body.center.y, 21, 1e-5);
  EXPECT_NEAR(body.to_world(Vec2f{2, 0}).y, 22, 1e-5);

  body.center.x += 5;
  body.angle = 0;
  body.follow_center(mass);
  EXPECT_NEAR(body.origin.x, 13, 1e-5);
  EXPECT_NEAR(body.origin.y, 20, 1e-5);
}

TEST(RigidBody, DistanceOfEdgesAndOfCorners) {
  const ConvexPolygon unit = square(0, 0, 1);
  EXPECT_DOUBLE_EQ(distance(unit, square(0.5f, 0.5f, 1)), 0);       // overlap
  EXPECT_DOUBLE_EQ(distance(unit, square(0.25f, 0.25f, 0.5f)), 0);  // one inside the other
  EXPECT_DOUBLE_EQ(distance(unit, square(3, 0.5f, 1)), 2);          // edge to edge
  EXPECT_DOUBLE_EQ(distance(unit, square(4, 5, 1)), 5);             // corner to corner: 3, 4, 5
  EXPECT_DOUBLE_EQ(distance(square(4, 5, 1), unit), 5);
}

TEST(RigidBody, PolygonsTouchWithinTheirRadius) {
  // skins of 1 cm each: edges touch at 2 cm; so do corners, and a corner that is 1.5 cm away in x and in y is
  // 2.1 cm off and does not, though no edge separates by more than 1.5 cm
  const ConvexPolygon unit = square(0, 0, 1);
  EXPECT_TRUE(touching(unit, square(1.0199f, 0, 1)));
  EXPECT_FALSE(touching(unit, square(1.0201f, 0, 1)));
  EXPECT_TRUE(touching(unit, square(1.014f, 1.014f, 1)));
  EXPECT_FALSE(touching(unit, square(1.015f, 1.015f, 1)));
}

TEST(RigidBody, ExtentsMeetAndJoin) {
  const Extent a = Extent::of(std::array<Vec2f, 3>{{{1, 5}, {-2, 0}, {0, 3}}});
  EXPECT_EQ(a.low, (Vec2f{-2, 0}));
  EXPECT_EQ(a.high, (Vec2f{1, 5}));
  EXPECT_TRUE(a.meets({{1, 5}, {9, 9}}));
  EXPECT_FALSE(a.meets({{1.5f, 0}, {9, 9}}));
  EXPECT_TRUE(a.grown(0.5f).meets({{1.5f, 0}, {9, 9}}));
  EXPECT_EQ(a.joined({{0, -4}, {9, 1}}).high, (Vec2f{9, 5}));
  EXPECT_EQ(a.joined({{0, -4}, {9, 1}}).low, (Vec2f{-2, -4}));
}

}  // namespace
}  // namespace ludus::envs
