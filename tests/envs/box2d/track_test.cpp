#include "envs/box2d/track.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/error.h"

namespace ludus::envs {
namespace {

// A circle of `n` nodes, driven counter-clockwise. Its direction across is the angle itself, so each step turns by
// 2π / n.
std::vector<TrackNode> circle(int n) {
  std::vector<TrackNode> nodes;
  for (int i = 0; i < n; ++i) {
    const double angle = 2 * std::numbers::pi * i / n;
    const double radius = kTrackStep * n / (2 * std::numbers::pi);
    nodes.push_back({angle, angle, radius * std::cos(angle), radius * std::sin(angle)});
  }
  return nodes;
}

TEST(Track, ManySeedsGiveClosedTracks) {
  int attempts = 0, retried = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Generator generator(seed), again(seed);
    const Track track = make_track(generator);
    int failed = 0;
    std::optional<std::vector<TrackNode>> nodes;
    while (!(nodes = try_track(again))) ++failed;
    attempts += failed + 1;
    retried += failed > 0;

    // retries go on with the same generator: 24 draws an attempt
    EXPECT_EQ(*nodes, track.nodes);
    Generator counted(seed);
    for (int i = 0; i < 24 * (failed + 1); ++i) counted.next_uint64();
    EXPECT_EQ(counted.next_uint64(), generator.next_uint64());

    const std::size_t n = track.nodes.size();
    ASSERT_EQ(track.tiles.size(), n);
    EXPECT_GT(n, 150u);
    EXPECT_LT(n, 450u);
    for (std::size_t i = 0; i < n; ++i) {
      const TrackNode &here = track.nodes[i], &before = track.nodes[i == 0 ? n - 1 : i - 1];
      const double step = std::hypot(here.x - before.x, here.y - before.y);
      if (i > 0) {
        EXPECT_NEAR(step, kTrackStep, 1e-9);
        // directions may jump by a full turn
        EXPECT_LE(std::abs(std::remainder(here.beta - before.beta, 2 * std::numbers::pi)), kTurnRate + 1e-9);
      } else {
        EXPECT_LT(step, 3 * kTrackStep);  // the seam: one node was left out, and the ends are a step apart at most
      }
      EXPECT_LT(std::hypot(here.x, here.y), kPlayfield);

      // the road is 80/6 m wide, the kerb beside it, and touching happens where the road is drawn
      const Track::Tile& tile = track.tiles[i];
      EXPECT_NEAR(std::hypot(tile.road[0].x - tile.road[1].x, tile.road[0].y - tile.road[1].y), 80 / 6.0, 1e-9);
      EXPECT_GE(tile.shape.count, 3u);
      EXPECT_TRUE(tile.extent.meets(Extent::of(tile.shape.points())));
      if (tile.kerb) {
        EXPECT_NEAR(std::hypot((*tile.kerb)[0].x - here.x, (*tile.kerb)[0].y - here.y), 40 / 6.0, 1e-9);
        EXPECT_NEAR(std::hypot((*tile.kerb)[1].x - here.x, (*tile.kerb)[1].y - here.y), 48 / 6.0, 1e-9);
      }
    }
  }
  EXPECT_GT(retried, 0);  // some seeds do need more than one attempt
  RecordProperty("attempts", attempts);
}

TEST(Track, KerbsAreOnTheInsideOfHardTurnsOnly) {
  // a hard turn is beyond 0.2 · 0.31 = 0.062 rad a step: a circle of 100 nodes (0.0628) has kerbs all round but for
  // the seam, one of 102 (0.0616) has none
  const Track tight = build_track(circle(100));
  std::size_t kerbs = 0;
  for (const Track::Tile& tile : tight.tiles) {
    if (!tile.kerb) continue;
    ++kerbs;
    // turning left, beta grows, and the kerb is on the side of the centre
    const double radius = kTrackStep * 100 / (2 * std::numbers::pi);
    EXPECT_NEAR(std::hypot((*tile.kerb)[0].x, (*tile.kerb)[0].y), radius - 40 / 6.0, 1e-9);
  }
  // bends 1 … 99 are hard; node i needs the bends i−3 … i, so nodes 4 … 99 and the three before each: 1 … 99. From
  // the seam's own bend of −2π + 0.0628 nothing follows.
  EXPECT_EQ(kerbs, 99u);
  for (const Track::Tile& tile : build_track(circle(102)).tiles) EXPECT_FALSE(tile.kerb);
}

TEST(Track, RejectsInvalidNodes) {
  EXPECT_THROW(build_track(circle(4)), InvalidArgument);
  auto nodes = circle(50);
  nodes[7].x = std::nan("");
  EXPECT_THROW(build_track(nodes), InvalidArgument);
  nodes[7].x = 1e9;
  EXPECT_THROW(build_track(nodes), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
