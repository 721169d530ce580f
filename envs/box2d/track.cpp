#include "envs/box2d/track.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/format.h"

namespace ludus::envs {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kCheckpoints = 12;
constexpr double kStartAlpha = 2 * kPi * (-0.5) / kCheckpoints;  // where a lap begins and ends, rad
constexpr int kMaxNodes = 2500;                                  // of a path that gets nowhere
constexpr int kLaps = 4;                                         // after which the path is long enough
constexpr std::size_t kKerbRun = 4;                              // nodes that a hard turn has at least

struct Checkpoint {
  double alpha, x, y;
};

// Two draws each, angle and radius; the first and the last are far out, so that the track passes the start outside.
std::array<Checkpoint, kCheckpoints> draw_checkpoints(Generator& generator) {
  std::array<Checkpoint, kCheckpoints> checkpoints;
  for (int c = 0; c < kCheckpoints; ++c) {
    const double noise = generator.uniform(0, 2 * kPi * 1 / kCheckpoints);
    double alpha = 2 * kPi * c / kCheckpoints + noise;
    double radius = generator.uniform(kTrackRadius / 3, kTrackRadius);
    if (c == 0) alpha = 0;
    if (c == kCheckpoints - 1) alpha = 2 * kPi * c / kCheckpoints;
    if (c == 0 || c == kCheckpoints - 1) radius = 1.5 * kTrackRadius;
    checkpoints[static_cast<std::size_t>(c)] = {alpha, radius * std::cos(alpha), radius * std::sin(alpha)};
  }
  return checkpoints;
}

// The next checkpoint with an angle not behind `alpha`, from number `next` on, round and round; where a round is
// complete, `alpha` loses a full turn.
const Checkpoint& checkpoint_ahead(const std::array<Checkpoint, kCheckpoints>& checkpoints, double& alpha,
                                   std::size_t& next) {
  while (true) {
    do {
      const Checkpoint& checkpoint = checkpoints[next % kCheckpoints];
      if (alpha <= checkpoint.alpha) return checkpoint;
      ++next;
    } while (next % kCheckpoints != 0);
    alpha -= 2 * kPi;
  }
}

// The path past the checkpoints, more than four laps of it.
std::vector<TrackNode> run_laps(const std::array<Checkpoint, kCheckpoints>& checkpoints) {
  std::vector<TrackNode> path;
  double x = 1.5 * kTrackRadius, y = 0, beta = 0;
  std::size_t next = 0;
  int laps = 0;
  bool other_side = false;  // has been below the x axis since the last lap was counted
  for (int left = kMaxNodes; left > 0; --left) {
    double alpha = std::atan2(y, x);
    if (other_side && alpha > 0) {
      ++laps;
      other_side = false;
    }
    if (alpha < 0) {
      other_side = true;
      alpha += 2 * kPi;
    }
    const Checkpoint& goal = checkpoint_ahead(checkpoints, alpha, next);

    // the way to the goal as seen across the road: to which side, and how far
    const double across_x = std::cos(beta), across_y = std::sin(beta);
    const double along_x = -across_y, along_y = across_x;
    const double offset = (across_x * (goal.x - x) + across_y * (goal.y - y)) * kTrackScale;

    while (beta - alpha > 1.5 * kPi) beta -= 2 * kPi;
    while (beta - alpha < -1.5 * kPi) beta += 2 * kPi;
    const double before = beta;
    const double turn = std::min(kTurnRate, std::abs(0.001 * offset));
    if (offset > 0.3) beta -= turn;
    if (offset < -0.3) beta += turn;
    x += along_x * kTrackStep;
    y += along_y * kTrackStep;
    path.push_back({alpha, before * 0.5 + beta * 0.5, x, y});
    if (laps > kLaps) break;
  }
  return path;
}

// The last full lap of the path, from one passage of the start to the next but for the node before it; empty if it
// passed there less than twice.
std::vector<TrackNode> last_lap(const std::vector<TrackNode>& path) {
  std::size_t end = 0;
  for (std::size_t i = path.size() - 1; i > 0; --i) {
    if (!(path[i].alpha > kStartAlpha && path[i - 1].alpha <= kStartAlpha)) continue;
    if (end == 0) {
      end = i;
      continue;
    }
    const auto at = [&](std::size_t index) { return path.begin() + static_cast<std::ptrdiff_t>(index); };
    return {at(i), at(end - 1)};
  }
  return {};
}

// Whether the ends are within one step of each other, as seen across the road.
bool ends_meet(const std::vector<TrackNode>& lap) {
  const TrackNode &head = lap.front(), &tail = lap.back();
  const double x = std::cos(head.beta) * (head.x - tail.x), y = std::sin(head.beta) * (head.y - tail.y);
  return !(std::sqrt(x * x + y * y) > kTrackStep);
}

// Hard turns, and the nodes just before them, have a kerb.
std::vector<bool> find_kerbs(const std::vector<TrackNode>& nodes) {
  const std::size_t n = nodes.size();
  const auto before = [n](std::size_t i, std::size_t steps) { return (i + n - steps) % n; };
  std::vector<bool> kerb(n);
  for (std::size_t i = 0; i < n; ++i) {
    // four sharp bends one after the other, all to the same side
    bool sharp = true;
    int side = 0;
    for (std::size_t k = 0; k < kKerbRun; ++k) {
      const double bend = nodes[before(i, k)].beta - nodes[before(i, k + 1)].beta;
      sharp = sharp && std::abs(bend) > kTurnRate * 0.2;
      side += bend > 0 ? 1 : (bend < 0 ? -1 : 0);
    }
    kerb[i] = sharp && std::abs(side) == static_cast<int>(kKerbRun);
  }
  // In place, from the front: values that node 0 passes to the last nodes across the seam are passed on by them.
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kKerbRun; ++k) {
      if (kerb[i]) kerb[before(i, k)] = true;
    }
  }
  return kerb;
}

Point across(const TrackNode& node, double offset) {
  return {node.x + offset * std::cos(node.beta), node.y + offset * std::sin(node.beta)};
}

// From `here` to the node before it, between two offsets across the road, m.
Quad strip(const TrackNode& here, const TrackNode& before, double left, double right) {
  return {across(here, left), across(here, right), across(before, right), across(before, left)};
}

Track::Tile make_tile(const TrackNode& here, const TrackNode& before, bool kerb) {
  Track::Tile tile;
  tile.road = strip(here, before, -kTrackHalfWidth, kTrackHalfWidth);
  std::array<Vec2f, 4> corners;
  std::transform(tile.road.begin(), tile.road.end(), corners.begin(), [](Point p) {
    return Vec2f{static_cast<float>(p.x), static_cast<float>(p.y)};
  });
  tile.shape = convex_hull(corners);
  tile.extent = Extent::of(tile.shape.points()).grown(static_cast<float>(kPolygonSkin));
  if (kerb) {
    const double bend = before.beta - here.beta;
    const double side = bend > 0 ? 1 : (bend < 0 ? -1 : 0);
    tile.kerb = strip(here, before, side * kTrackHalfWidth, side * (kTrackHalfWidth + kKerbWidth));
  }
  return tile;
}

}  // namespace

std::optional<std::vector<TrackNode>> try_track(Generator& generator) {
  std::vector<TrackNode> lap = last_lap(run_laps(draw_checkpoints(generator)));
  if (lap.size() <= kKerbRun || !ends_meet(lap)) return std::nullopt;
  return lap;
}

Track build_track(std::vector<TrackNode> nodes) {
  if (nodes.size() <= kKerbRun) {
    throw InvalidArgument(formatted("a track must have at least {} nodes, got {}", kKerbRun + 1, nodes.size()));
  }
  for (const TrackNode& node : nodes) {
    const bool good = std::isfinite(node.alpha) && std::isfinite(node.beta) && std::abs(node.x) <= 10 * kPlayfield &&
                      std::abs(node.y) <= 10 * kPlayfield;
    if (!good) throw InvalidArgument("a node of the track is not a place on or near the playfield");
  }
  Track track;
  const std::vector<bool> kerbs = find_kerbs(nodes);
  track.tiles.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    track.tiles.push_back(make_tile(nodes[i], nodes[i == 0 ? nodes.size() - 1 : i - 1], kerbs[i]));
  }
  track.nodes = std::move(nodes);
  return track;
}

Track make_track(Generator& generator) {
  while (true) {
    if (auto nodes = try_track(generator)) return build_track(std::move(*nodes));
  }
}

}  // namespace ludus::envs
