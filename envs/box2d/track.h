// A closed race track, laid out anew from random numbers; draw for draw and bit for bit Gymnasium's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "envs/box2d/rigid_body.h"
#include "base/rng.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kTrackScale = 6.0;
inline constexpr double kPlayfield = 2000 / kTrackScale;     // m from the middle to each edge
inline constexpr double kTrackRadius = 900 / kTrackScale;    // m
inline constexpr double kTrackStep = 21 / kTrackScale;       // m between two nodes
inline constexpr double kTrackHalfWidth = 40 / kTrackScale;  // m
inline constexpr double kKerbWidth = 8 / kTrackScale;        // m
inline constexpr double kTurnRate = 0.31;                    // rad in a step, at most

// A point of the middle line.
struct TrackNode {
  double alpha = 0;     // about the middle of the playfield, rad
  double beta = 0;      // direction across the road; the road runs to beta + 90°, rad
  double x = 0, y = 0;  // m

  friend bool operator==(const TrackNode&, const TrackNode&) = default;
};

using Quad = std::array<Point, 4>;

struct Track {
  // The road between a node and the one before it.
  struct Tile {
    Quad road;
    ConvexPolygon shape;       // the same in single precision, for touching
    Extent extent;             // of `shape` with its skin
    std::optional<Quad> kerb;  // on the inside of a hard turn; white for even tiles, red for odd ones
  };

  std::vector<TrackNode> nodes;
  std::vector<Tile> tiles;  // tile i ends at node i; tile 0 begins at the last node
};

// One attempt: 12 checkpoints are drawn round the middle, a point runs past them for some laps and turns towards the
// next one at a limited rate, and one full lap of its path is the track. Empty if there was no full lap or its ends do
// not meet; then more attempts are to be made with the same generator.
std::optional<std::vector<TrackNode>> try_track(Generator& generator);

// The tiles that belong to the nodes. Throws InvalidArgument for fewer than 5 nodes, and for numbers that are not
// finite or beyond ten playfields.
Track build_track(std::vector<TrackNode> nodes);

// Attempts until one succeeds.
Track make_track(Generator& generator);

}  // namespace ludus::envs
