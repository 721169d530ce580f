/// @file
/// Rigid bodies in the plane, in single precision and with the order of operations of Box2D 2.3, which Gymnasium uses.
///
/// Plain values with the operations that a car needs: Box2D's world cannot be copied, and later versions round
/// differently. No collisions, only a test whether shapes touch.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace ludus::envs {

struct Vec2f {
  float x = 0, y = 0;

  friend Vec2f operator+(Vec2f a, Vec2f b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec2f operator-(Vec2f a, Vec2f b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec2f operator-(Vec2f a) { return {-a.x, -a.y}; }
  friend Vec2f operator*(float s, Vec2f a) { return {s * a.x, s * a.y}; }
  friend bool operator==(const Vec2f&, const Vec2f&) = default;
};

inline float dot(Vec2f a, Vec2f b) {
  return a.x * b.x + a.y * b.y;
}
inline float cross(Vec2f a, Vec2f b) {
  return a.x * b.y - a.y * b.x;
}
/// The velocity of a point at `arm` from the axis of a body that turns with `spin` rad/s
inline Vec2f cross(float spin, Vec2f arm) {
  return {-spin * arm.y, spin * arm.x};
}
inline float length(Vec2f a) {
  return std::sqrt(dot(a, a));
}

struct Rotation {
  float sine = 0, cosine = 1;

  static Rotation of(float angle) { return {std::sin(angle), std::cos(angle)}; }
  Vec2f operator*(Vec2f v) const { return {cosine * v.x - sine * v.y, sine * v.x + cosine * v.y}; }
};

/// A convex polygon, counter-clockwise, of at most eight corners.
struct ConvexPolygon {
  static constexpr std::size_t kMaxCorners = 8;

  std::array<Vec2f, kMaxCorners> corners{};  ///< m
  std::size_t count = 0;

  std::span<const Vec2f> points() const { return {corners.data(), count}; }
};

/// The convex hull of 3 to 8 points that are not all on one line, from the rightmost corner on (the lower one of two).
ConvexPolygon convex_hull(std::span<const Vec2f> points);

/// Mass, centre of mass and moment of inertia of the body that those polygons form.
struct MassProperties {
  float mass = 0;     ///< kg
  Vec2f center;       ///< of mass, in the body's frame, m
  float inertia = 0;  ///< about the centre of mass, kg m²
  float inverse_mass = 0, inverse_inertia = 0;
};
/// `density` in kg/m², the same for all polygons; the last polygon is summed first, as Box2D does.
MassProperties mass_properties(std::span<const ConvexPolygon> polygons, float density);

/// The state of a body.
struct RigidBody {
  Vec2f center;           ///< of mass, m
  float angle = 0;        ///< rad, not wrapped
  Vec2f velocity;         ///< of the centre of mass, m/s
  float spin = 0;         ///< rad/s
  Vec2f origin;           ///< of the body's frame, m
  Rotation rotation;      ///< by `angle`
  float still_since = 0;  ///< s without noticeable motion

  /// A body at rest.
  static RigidBody at(Vec2f origin, float angle, const MassProperties& mass);

  /// From the body's frame to the world.
  Vec2f to_world(Vec2f v) const {
    return {(rotation.cosine * v.x - rotation.sine * v.y) + origin.x,
            (rotation.sine * v.x + rotation.cosine * v.y) + origin.y};
  }
  ConvexPolygon to_world(const ConvexPolygon& polygon) const;

  /// Recomputes origin and rotation from centre and angle.
  void follow_center(const MassProperties& mass);
};

/// Box2D's polygon radius, twice the linear slop of 5 mm: two polygons touch if their distance is within both radii.
inline constexpr double kPolygonSkin = 0.01;

/// Returns the smallest distance of two polygons in the same frame; 0 if they overlap.
double distance(const ConvexPolygon& a, const ConvexPolygon& b);
bool touching(const ConvexPolygon& a, const ConvexPolygon& b);

/// An axis-aligned rectangle.
struct Extent {
  Vec2f low, high;

  static Extent of(std::span<const Vec2f> points);
  Extent grown(float margin) const { return {{low.x - margin, low.y - margin}, {high.x + margin, high.y + margin}}; }
  Extent joined(const Extent& other) const {
    return {{std::min(low.x, other.low.x), std::min(low.y, other.low.y)},
            {std::max(high.x, other.high.x), std::max(high.y, other.high.y)}};
  }
  bool meets(const Extent& other) const {
    return low.x <= other.high.x && other.low.x <= high.x && low.y <= other.high.y && other.low.y <= high.y;
  }
};

}  // namespace ludus::envs
