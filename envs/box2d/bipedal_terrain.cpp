#include "envs/box2d/bipedal_terrain.h"

#include <cmath>
#include <cstdint>

namespace ludus::envs {
namespace {

constexpr double kStep = BipedalTerrain::kStep;

enum class Ground : std::uint8_t { kGrass, kStump, kStairs, kPit };

// The current type of ground, and its number of remaining points.
struct Stretch {
  Ground ground = Ground::kGrass;
  bool begins = false;  // this point is its first
  std::int64_t left = BipedalTerrain::kStartPad;
};

struct Stairs {
  std::int64_t steps = 0, width = 0, direction = 0;  // 1 up, -1 down
};

// Corners from (left, top) over the right to the bottom; `top` may be the lower one.
BipedalTerrain::Quad quad(double left, double right, double top, double bottom) {
  return {Point{left, top}, Point{right, top}, Point{right, bottom}, Point{left, bottom}};
}

double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

void draw_ground(bool hardcore, Generator& generator, BipedalTerrain& terrain) {
  Stretch stretch;
  Stairs stairs;
  double y = BipedalTerrain::kHeight, slope = 0, y_before = 0;

  for (std::size_t i = 0; i < BipedalTerrain::kPoints; ++i) {
    const double x = static_cast<double>(i) * kStep;
    const auto steps = [](std::int64_t n) { return static_cast<double>(n) * kStep; };

    if (stretch.begins) {
      // an obstacle is laid whole at its first point; that point keeps the height before it
      switch (stretch.ground) {
        case Ground::kGrass: break;

        case Ground::kStump:
          stretch.left = generator.integers(1, 3);
          terrain.obstacles.push_back(quad(x, x + steps(stretch.left), y, y + steps(stretch.left)));
          break;

        case Ground::kStairs:
          stairs.direction = generator.random() > 0.5 ? 1 : -1;
          stairs.width = generator.integers(4, 5);  // always 4
          stairs.steps = generator.integers(3, 5);
          for (std::int64_t s = 0; s < stairs.steps; ++s) {
            terrain.obstacles.push_back(quad(x + steps(s * stairs.width), x + steps((1 + s) * stairs.width),
                                             y + steps(s * stairs.direction), y + steps(-1 + s * stairs.direction)));
          }
          stretch.left = stairs.steps * stairs.width;
          y_before = y;
          break;

        case Ground::kPit: {
          // a wall on either side
          stretch.left = generator.integers(3, 5);
          const BipedalTerrain::Quad near = quad(x, x + kStep, y, y - 4 * kStep);
          BipedalTerrain::Quad far = near;
          for (Point& corner : far) corner.x += kStep * static_cast<double>(stretch.left);
          terrain.obstacles.push_back(near);
          terrain.obstacles.push_back(far);
          stretch.left += 2;
          y_before = y;
          break;
        }
      }
    } else {
      switch (stretch.ground) {
        case Ground::kGrass:
          // a random walk that is drawn back to the height of the start
          slope = 0.8 * slope + 0.01 * sign(BipedalTerrain::kHeight - y);
          if (i > static_cast<std::size_t>(BipedalTerrain::kStartPad)) {
            slope += generator.uniform(-1, 1) / BipedalTerrain::kScale;
          }
          y += slope;
          break;

        case Ground::kStump: break;

        case Ground::kStairs: {
          const std::int64_t gone = stairs.steps * stairs.width - stretch.left - stairs.direction;
          const double step = static_cast<double>(gone) / static_cast<double>(stairs.width);
          y = y_before + (step * static_cast<double>(stairs.direction)) * kStep;
          break;
        }

        case Ground::kPit:
          y = y_before;
          if (stretch.left > 1) y -= 4 * kStep;
          break;
      }
    }
    terrain.heights[i] = y;

    stretch.begins = false;
    if (--stretch.left == 0) {
      stretch.left = generator.integers(BipedalTerrain::kGrass / 2, BipedalTerrain::kGrass);
      stretch.ground =
          stretch.ground == Ground::kGrass && hardcore ? static_cast<Ground>(generator.integers(1, 4)) : Ground::kGrass;
      stretch.begins = true;
    }
  }
}

void draw_clouds(Generator& generator, BipedalTerrain& terrain) {
  constexpr double kPi = 3.14;  // Gymnasium's
  const double y = 400 / BipedalTerrain::kScale * 3 / 4;
  for (std::size_t i = 0; i < BipedalTerrain::kPoints / 20; ++i) {
    const double x = generator.uniform(0, static_cast<double>(BipedalTerrain::kPoints)) * kStep;
    BipedalTerrain::Cloud cloud;
    for (std::size_t a = 0; a < cloud.size(); ++a) {
      const double angle = kPi * 2 * static_cast<double>(a) / 5;
      cloud[a].x = x + 15 * kStep * std::sin(angle) + generator.uniform(0, 5 * kStep);
      cloud[a].y = y + 5 * kStep * std::cos(angle) + generator.uniform(0, 5 * kStep);
    }
    terrain.clouds.push_back(cloud);
  }
}

}  // namespace

BipedalTerrain BipedalTerrain::draw(bool hardcore, Generator& generator) {
  BipedalTerrain terrain;
  draw_ground(hardcore, generator, terrain);
  draw_clouds(generator, terrain);
  return terrain;
}

}  // namespace ludus::envs
