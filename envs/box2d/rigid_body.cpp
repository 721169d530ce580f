#include "envs/box2d/rigid_body.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/format.h"

namespace ludus::envs {
namespace {

struct Point64 {
  double x, y;
};

Point64 widen(Vec2f v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y)};
}

// Largest distance of `polygon` from the outer side of an edge of `other`; negative if it is inside all edges.
double separation(const ConvexPolygon& other, const ConvexPolygon& polygon) {
  double furthest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < other.count; ++i) {
    const Point64 from = widen(other.corners[i]), to = widen(other.corners[(i + 1) % other.count]);
    const Point64 outward{to.y - from.y, from.x - to.x};
    double nearest = std::numeric_limits<double>::infinity();
    for (const Vec2f corner : polygon.points()) {
      const Point64 p = widen(corner);
      nearest = std::min(nearest, (p.x - from.x) * outward.x + (p.y - from.y) * outward.y);
    }
    furthest = std::max(furthest, nearest / std::hypot(outward.x, outward.y));
  }
  return furthest;
}

double distance_to_segment(Point64 p, Point64 from, Point64 to) {
  const double x = to.x - from.x, y = to.y - from.y;
  const double along = std::clamp(((p.x - from.x) * x + (p.y - from.y) * y) / (x * x + y * y), 0.0, 1.0);
  return std::hypot(from.x + along * x - p.x, from.y + along * y - p.y);
}

// Smallest distance from a corner of `a` to an edge of `b`.
double corner_distance(const ConvexPolygon& a, const ConvexPolygon& b) {
  double smallest = std::numeric_limits<double>::infinity();
  for (const Vec2f corner : a.points()) {
    for (std::size_t i = 0; i < b.count; ++i) {
      smallest = std::min(smallest,
                          distance_to_segment(widen(corner), widen(b.corners[i]), widen(b.corners[(i + 1) % b.count])));
    }
  }
  return smallest;
}

}  // namespace

ConvexPolygon convex_hull(std::span<const Vec2f> points) {
  if (points.size() < 3 || points.size() > ConvexPolygon::kMaxCorners) {
    throw InvalidArgument(formatted("a polygon must have 3 to 8 corners, got {}", points.size()));
  }
  // the rightmost point is a corner; of two, the lower
  const auto first = std::max_element(points.begin(), points.end(),
                                      [](Vec2f a, Vec2f b) { return a.x < b.x || (a.x == b.x && a.y > b.y); });

  // gift wrapping: the next corner is the point that has all others on its left, the furthest one of those on a line
  ConvexPolygon hull;
  Vec2f corner = *first;
  do {
    if (hull.count == points.size()) throw InvalidArgument("the corners of a polygon are all on one line");
    hull.corners[hull.count++] = corner;
    Vec2f next = corner == points[0] ? points[1] : points[0];
    for (const Vec2f candidate : points) {
      const Vec2f best = next - corner, other = candidate - corner;
      const float turn = cross(best, other);
      if (turn < 0 || (turn == 0 && dot(other, other) > dot(best, best))) next = candidate;
    }
    corner = next;
  } while (!(corner == *first));
  if (hull.count < 3) throw InvalidArgument("the corners of a polygon are all on one line");
  return hull;
}

MassProperties mass_properties(std::span<const ConvexPolygon> polygons, float density) {
  constexpr float kThird = 1.0f / 3.0f;
  MassProperties body;
  for (std::size_t k = polygons.size(); k-- > 0;) {
    const ConvexPolygon& polygon = polygons[k];

    // triangles from the mean of the corners to each edge
    Vec2f mean;
    for (const Vec2f corner : polygon.points()) mean = mean + corner;
    mean = (1.0f / static_cast<float>(polygon.count)) * mean;
    float area = 0, inertia = 0;
    Vec2f center;
    for (std::size_t i = 0; i < polygon.count; ++i) {
      const Vec2f e1 = polygon.corners[i] - mean, e2 = polygon.corners[(i + 1) % polygon.count] - mean;
      const float doubled = cross(e1, e2), triangle = 0.5f * doubled;
      area += triangle;
      center = center + (triangle * kThird) * (e1 + e2);
      const float xx = e1.x * e1.x + e2.x * e1.x + e2.x * e2.x;
      const float yy = e1.y * e1.y + e2.y * e1.y + e2.y * e2.y;
      inertia += (0.25f * kThird * doubled) * (xx + yy);
    }
    const float mass = density * area;
    center = (1.0f / area) * center;
    const Vec2f in_body = center + mean;

    // Steiner: from the mean of the corners to the body's origin
    body.inertia += density * inertia + mass * (dot(in_body, in_body) - dot(center, center));
    body.mass += mass;
    body.center = body.center + mass * in_body;
  }
  body.inverse_mass = 1.0f / body.mass;
  body.center = body.inverse_mass * body.center;
  body.inertia -= body.mass * dot(body.center, body.center);  // Steiner: from the origin to the centre of mass
  body.inverse_inertia = 1.0f / body.inertia;
  return body;
}

RigidBody RigidBody::at(Vec2f origin, float angle, const MassProperties& mass) {
  RigidBody body;
  body.angle = angle;
  body.origin = origin;
  body.rotation = Rotation::of(angle);
  body.center = body.to_world(mass.center);
  return body;
}

ConvexPolygon RigidBody::to_world(const ConvexPolygon& polygon) const {
  ConvexPolygon moved;
  moved.count = polygon.count;
  for (std::size_t i = 0; i < polygon.count; ++i) moved.corners[i] = to_world(polygon.corners[i]);
  return moved;
}

void RigidBody::follow_center(const MassProperties& mass) {
  rotation = Rotation::of(angle);
  origin = center - rotation * mass.center;
}

double distance(const ConvexPolygon& a, const ConvexPolygon& b) {
  // Two convex polygons are apart if and only if an edge of one separates them. The distance to that edge is only a
  // lower bound: two corners that face each other are further apart.
  if (separation(a, b) <= 0 && separation(b, a) <= 0) return 0;
  return std::min(corner_distance(a, b), corner_distance(b, a));
}

bool touching(const ConvexPolygon& a, const ConvexPolygon& b) {
  constexpr double kReach = 2 * kPolygonSkin;
  if (separation(a, b) > kReach || separation(b, a) > kReach) return false;
  return distance(a, b) <= kReach;
}

Extent Extent::of(std::span<const Vec2f> points) {
  Extent extent{points[0], points[0]};
  for (const Vec2f p : points) {
    extent.low = {std::min(extent.low.x, p.x), std::min(extent.low.y, p.y)};
    extent.high = {std::max(extent.high.x, p.x), std::max(extent.high.y, p.y)};
  }
  return extent;
}

}  // namespace ludus::envs
