#include "envs/box2d/car_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "envs/box2d/pixel_canvas.h"

namespace ludus::envs {
namespace {

using Rgb = CarRacingState::Rgb;

constexpr double kZoom = 2.7 * kTrackScale;                              // units of the image to a metre
constexpr double kFarZoom = 0.1 * kTrackScale;                           // at the very beginning
constexpr double kPatch = kPlayfield / 20;                               // m, side of a patch of grass
constexpr double kUnitX = kImageWidth / 40, kUnitY = kImageHeight / 40;  // the instruments' grid
constexpr double kDigitHeight = 30;

constexpr Color kBlack{0, 0, 0, 255}, kWhite{255, 255, 255, 255}, kRed{255, 0, 0, 255}, kGreen{0, 255, 0, 255};
constexpr Color kFrontWheelBar{0, 0, 255, 255}, kRearWheelBar{51, 0, 255, 255};
constexpr Color kHull{204, 0, 0, 255}, kTyre{0, 0, 0, 255}, kRim{77, 77, 77, 255}, kMud{102, 102, 0, 255};

Color color_of(const Rgb& rgb, double brighter = 0) {
  const auto byte = [&](double c) { return static_cast<std::uint8_t>(std::clamp(c + brighter, 0.0, 255.0)); };
  return {byte(rgb[0]), byte(rgb[1]), byte(rgb[2]), 255};
}

// Interface of the painters of the two images.
class CarImagePainter {
 public:
  virtual ~CarImagePainter() = default;
  virtual void polygon(std::span<const Point> points, Color color) = 0;
  virtual void line(std::span<const Point> points, Color color) = 0;
  virtual void digits(const std::string& text, Point middle, Color color) = 0;
};

class ObservationPainter final : public CarImagePainter {
 public:
  void polygon(std::span<const Point> points, Color color) override { canvas.fill(points, color); }
  void line(std::span<const Point>, Color) override {}
  void digits(const std::string& text, Point middle, Color color) override {
    canvas.write(text, middle, kDigitHeight, color);
  }

  PixelCanvas canvas{kImageWidth, kImageHeight, kBlack};
};

class ScenePainter final : public CarImagePainter {
 public:
  ScenePainter() {
    scene.high = {kImageWidth, kImageHeight};
    scene.width = static_cast<int>(kImageWidth);
    scene.height = static_cast<int>(kImageHeight);
    scene.background = kBlack;
  }
  void polygon(std::span<const Point> points, Color color) override {
    // a thin outline closes the seams between neighbours
    scene.items.push_back(
        envs::Polygon{{points.begin(), points.end()}, {.fill = color, .outline = color, .outline_width = 1}});
  }
  void line(std::span<const Point> points, Color color) override {
    scene.items.push_back(Polyline{{points.begin(), points.end()}, color, 2});
  }
  void digits(const std::string& text, Point middle, Color color) override {
    scene.items.push_back(Text{middle, text, kDigitHeight, color, Align::kCenter});
  }

  Scene scene;
};

// Looks at the car from above: turns the world by the negative of its angle, and comes down during the first second.
class Camera {
 public:
  Camera(const CarRacingState::Drive& drive)
      : zoom_(kFarZoom * std::max(1 - drive.time, 0.0) + kZoom * std::min(drive.time, 1.0)) {
    const RigidBody& hull = drive.car.hull;
    const double angle = -static_cast<double>(hull.angle);
    cosine_ = std::cos(angle) * zoom_, sine_ = std::sin(angle) * zoom_;
    const Point car = turned({static_cast<double>(hull.origin.x), static_cast<double>(hull.origin.y)});
    shift_ = {kImageWidth / 2 - car.x, kImageHeight / 4 - car.y};
  }

  Point to_image(Point world) const {
    const Point p = turned(world);
    return {p.x + shift_.x, p.y + shift_.y};
  }
  Point to_image(Vec2f world) const {
    return to_image(Point{static_cast<double>(world.x), static_cast<double>(world.y)});
  }

  // Projects the polygon into the image; false if it is entirely to one side of it.
  template <std::size_t n>
  bool project(const std::array<Point, n>& world, std::array<Point, n>& image) const {
    double low_x = kImageWidth, high_x = 0, low_y = kImageHeight, high_y = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Point p = image[i] = to_image(world[i]);
      low_x = std::min(low_x, p.x), high_x = std::max(high_x, p.x);
      low_y = std::min(low_y, p.y), high_y = std::max(high_y, p.y);
    }
    return low_x < kImageWidth && high_x > 0 && low_y < kImageHeight && high_y > 0;
  }

 private:
  Point turned(Point p) const { return {cosine_ * p.x - sine_ * p.y, sine_ * p.x + cosine_ * p.y}; }

  double zoom_, cosine_ = 0, sine_ = 0;
  Point shift_;
};

void paint_quad(CarImagePainter& painter, const Camera& camera, const Quad& world, Color color) {
  Quad image;
  if (camera.project(world, image)) painter.polygon(image, color);
}

Quad rectangle(double left, double bottom, double right, double top) {
  return {{{left, bottom}, {right, bottom}, {right, top}, {left, top}}};
}

void paint_ground(CarImagePainter& painter, const Camera& camera, const CarRacingState& state) {
  const CarRacingState::Drive& drive = state.drive;
  paint_quad(painter, camera, rectangle(-kPlayfield, -kPlayfield, kPlayfield, kPlayfield), color_of(drive.background));

  const Color grass = color_of(drive.grass);
  for (int x = -20; x < 20; x += 2) {
    for (int y = -20; y < 20; y += 2) {
      paint_quad(painter, camera, rectangle(kPatch * x, kPatch * y, kPatch * (x + 1), kPatch * (y + 1)), grass);
    }
  }

  // tiles in three tints, until the car has been there
  for (std::size_t i = 0; i < state.track->tiles.size(); ++i) {
    const Track::Tile& tile = state.track->tiles[i];
    const double tint = state.tiles[i] & CarRacingState::kWorn ? 0 : 0.01 * static_cast<double>(i % 3) * 255;
    paint_quad(painter, camera, tile.road, color_of(drive.road, tint));
    if (tile.kerb) paint_quad(painter, camera, *tile.kerb, i % 2 == 0 ? kWhite : kRed);
  }
}

void paint_skid_marks(CarImagePainter& painter, const Camera& camera, const SkidMarks& skids) {
  for (std::int64_t k = std::max<std::int64_t>(0, skids.made - SkidMarks::kMarks); k < skids.made; ++k) {
    const SkidMarks::Mark& mark = skids.marks[static_cast<std::size_t>(k % SkidMarks::kMarks)];
    std::array<Point, SkidMarks::kPoints> points;
    const auto count = static_cast<std::size_t>(mark.count);
    for (std::size_t i = 0; i < count; ++i) points[i] = camera.to_image(mark.points[i]);
    painter.line({points.data(), count}, mark.grass ? kMud : kTyre);
  }
}

void paint_body(CarImagePainter& painter, const Camera& camera, const RigidBody& body, const ConvexPolygon& polygon,
                Color color) {
  std::array<Point, ConvexPolygon::kMaxCorners> points;
  for (std::size_t i = 0; i < polygon.count; ++i) points[i] = camera.to_image(body.to_world(polygon.corners[i]));
  painter.polygon({points.data(), polygon.count}, color);
}

// A lighter stripe of the tyre, 1.2 rad wide, that comes round as the wheel turns; the half of the turn in which it
// is underneath is not seen.
void paint_stripe(CarImagePainter& painter, const Camera& camera, const RigidBody& body, double phase) {
  constexpr double kStripe = 1.2;  // rad
  const double end = phase + kStripe;
  const bool hidden_from = std::sin(phase) > 0, hidden_to = std::sin(end) > 0;
  if (hidden_from && hidden_to) return;
  const double cosine_from = std::cos(phase), cosine_to = std::cos(end);
  const double from = hidden_from ? std::copysign(1, cosine_from) : cosine_from;
  const double to = hidden_to ? std::copysign(1, cosine_to) : cosine_to;

  Quad stripe = rectangle(-kWheelHalfWidth, kWheelRadius * from, kWheelHalfWidth, kWheelRadius * to);
  for (Point& p : stripe) {
    p = camera.to_image(body.to_world(Vec2f{static_cast<float>(p.x), static_cast<float>(p.y)}));
  }
  painter.polygon(stripe, kRim);
}

void paint_car(CarImagePainter& painter, const Camera& camera, const Car& car) {
  const CarShapes& shapes = car_shapes();
  for (std::size_t i = 0; i < Car::kWheels; ++i) {
    paint_body(painter, camera, car.wheels[i].body, shapes.wheel, kTyre);
    paint_stripe(painter, camera, car.wheels[i].body, car.controls[i].phase);
  }
  for (const ConvexPolygon& part : shapes.hull) paint_body(painter, camera, car.hull, part, kHull);
}

// The bar at the bottom: sum of rewards, speed, the wheels' speeds, steering, spin.
void paint_instruments(CarImagePainter& painter, const CarRacingState::Drive& drive) {
  painter.polygon(rectangle(0, 0, kImageWidth, 5 * kUnitY), kBlack);

  const auto upright = [&](int place, double length, double value, Color color) {
    if (std::abs(value) <= 1e-4) return;
    painter.polygon(rectangle(place * kUnitX, kUnitY, (place + 1) * kUnitX, kUnitY + kUnitY * length), color);
  };
  const auto level = [&](int place, double length, double value, Color color) {
    if (std::abs(value) <= 1e-4) return;
    painter.polygon(rectangle(place * kUnitX, 2 * kUnitY, (place + length) * kUnitX, 4 * kUnitY), color);
  };
  const Car& car = drive.car;
  upright(5, 0.02 * car.speed(), car.speed(), kWhite);
  for (int i = 0; i < static_cast<int>(Car::kWheels); ++i) {
    const double omega = car.controls[static_cast<std::size_t>(i)].omega;
    upright(7 + i, 0.01 * omega, omega, i < 2 ? kFrontWheelBar : kRearWheelBar);
  }
  const double spin = static_cast<double>(car.hull.spin);
  level(20, -10.0 * car.steering_angle(), car.steering_angle(), kGreen);
  level(30, -0.8 * spin, spin, kRed);

  // four digits, or a sign and three; towards zero
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%04lld", static_cast<long long>(drive.reward_shown));
  painter.digits(text.data(), {60, kImageHeight * 2.5 / 40}, kWhite);
}

void paint(CarImagePainter& painter, const CarRacingState& state) {
  const Camera camera(state.drive);
  paint_ground(painter, camera, state);
  paint_skid_marks(painter, camera, state.drive.car.skid_marks);
  paint_car(painter, camera, state.drive.car);
  paint_instruments(painter, state.drive);
}

}  // namespace

void paint_observation(const CarRacingState& state, std::span<std::uint8_t> out) {
  ObservationPainter painter;
  paint(painter, state);
  painter.canvas.read(out);
}

Scene paint_scene(const CarRacingState& state) {
  ScenePainter painter;
  paint(painter, state);
  return std::move(painter.scene);
}

}  // namespace ludus::envs
