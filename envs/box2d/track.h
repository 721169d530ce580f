/// @file
/// Random closed race tracks, bit-identical to Gymnasium's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "envs/box2d/rigid_body.h"
#include "envs/core/scene.h"

namespace ludus::envs {

inline constexpr double kTrackScale = 6.0;
inline constexpr double kPlayfield = 2000 / kTrackScale;     ///< m from the middle to each edge
inline constexpr double kTrackRadius = 900 / kTrackScale;    ///< m
inline constexpr double kTrackStep = 21 / kTrackScale;       ///< m between two nodes
inline constexpr double kTrackHalfWidth = 40 / kTrackScale;  ///< m
inline constexpr double kKerbWidth = 8 / kTrackScale;        ///< m
inline constexpr double kTurnRate = 0.31;                    ///< rad in a step, at most

/// A point of the middle line.
struct TrackNode {
  double alpha = 0;     ///< about the middle of the playfield, rad
  double beta = 0;      ///< direction across the road; the road runs to beta + 90°, rad
  double x = 0, y = 0;  ///< m

  friend bool operator==(const TrackNode&, const TrackNode&) = default;
};

using Quad = std::array<Point, 4>;

struct Track {
  /// The road between a node and the previous one.
  struct Tile {
    Quad road;
    ConvexPolygon shape;       ///< in single precision, for contacts
    Extent extent;             ///< of `shape` with its polygon radius
    std::optional<Quad> kerb;  ///< on the inside of a hard turn; white for even tiles, red for odd ones
  };

  std::vector<TrackNode> nodes;
  std::vector<Tile> tiles;  ///< tile i ends at node i; tile 0 begins at the last node
};

/// Tries to generate a track: draws 12 checkpoints around the middle, moves a point past them for some laps, turning
/// towards the next one at a limited rate, and takes one full lap of its path. Returns none without a full lap or if
/// its ends do not meet: try again with the same generator.
std::optional<std::vector<TrackNode>> try_track(Generator& generator);

/// Builds the tiles. Throws InvalidArgument for fewer than 5 nodes, and for coordinates that are not finite or beyond
/// ten playfields.
Track build_track(std::vector<TrackNode> nodes);

/// Repeats until a valid track is generated.
Track make_track(Generator& generator);

}  // namespace ludus::envs
