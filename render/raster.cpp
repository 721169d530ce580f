#include "render/raster.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numbers>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/format.h"
#include "render/label.h"

namespace ludus::render {
namespace {

using envs::Color;
using envs::Point;

constexpr const char* kFont = "DejaVu Sans";

// Cairo drops edges that span more than 16 bits of pixels, so shapes are clipped at this distance, beyond any image.
// (Cairo's circles consist of short edges and may be larger.)
constexpr double kGuard = 30000;    // pixels
constexpr double kMaxRadius = 1e6;  // pixels
static_assert(kGuard > kMaxSide);

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;
using Context = std::unique_ptr<cairo_t, Destroy>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Destroy>;

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) {
    throw WorkError(formatted("cannot render the image: {}", cairo_status_to_string(status)));
  }
}

bool finite(Point point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

bool finite(std::span<const Point> points) {
  return std::ranges::all_of(points, [](Point point) { return finite(point); });
}

// Maps the world into the image.
class Mapping {
 public:
  Mapping(const envs::Scene& scene, int width, int height) : low_(scene.low), high_(scene.high) {
    const double world_width = high_.x - low_.x, world_height = high_.y - low_.y;
    scale_ = std::min(width / world_width, height / world_height);
    left_ = 0.5 * (width - scale_ * world_width);
    top_ = 0.5 * (height - scale_ * world_height);
  }

  double scale() const { return scale_; }  // pixels per world unit

  // World to pixels, y downward. Distant points are clamped, so that the clipping stays finite.
  Point operator()(Point world) const {
    constexpr double kFar = 1e12;
    return {std::clamp(left_ + (world.x - low_.x) * scale_, -kFar, kFar),
            std::clamp(top_ + (high_.y - world.y) * scale_, -kFar, kFar)};
  }

  // The world rectangle in the image.
  Point upper_left() const { return (*this)({low_.x, high_.y}); }
  Point lower_right() const { return (*this)({high_.x, low_.y}); }

 private:
  Point low_, high_;
  double scale_, left_, top_;
};

// The part of a closed polygon with side(p) >= 0, for a side linear in p; one pass of Sutherland and Hodgman 1974.
template <class Side>
std::vector<Point> cut(const std::vector<Point>& points, Side side) {
  std::vector<Point> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point a = points[i], b = points[(i + 1) % points.size()];
    const double at_a = side(a), at_b = side(b);
    if (at_a >= 0) kept.push_back(a);
    if ((at_a >= 0) != (at_b >= 0)) {
      const double t = at_a / (at_a - at_b);
      kept.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
    }
  }
  return kept;
}

std::vector<Point> cut_to_guard(std::vector<Point> points) {
  const auto inside = [](Point p) { return std::abs(p.x) <= kGuard && std::abs(p.y) <= kGuard; };
  if (std::ranges::all_of(points, inside)) return points;
  points = cut(points, [](Point p) { return kGuard - p.x; });
  points = cut(points, [](Point p) { return kGuard + p.x; });
  points = cut(points, [](Point p) { return kGuard - p.y; });
  return cut(points, [](Point p) { return kGuard + p.y; });
}

struct Segment {
  Point from, to;
};

// The part of a segment within the guard (Liang and Barsky 1984).
std::optional<Segment> cut_to_guard(Segment segment) {
  const double dx = segment.to.x - segment.from.x, dy = segment.to.y - segment.from.y;
  const double slope[] = {-dx, dx, -dy, dy};
  const double room[] = {segment.from.x + kGuard, kGuard - segment.from.x, segment.from.y + kGuard,
                         kGuard - segment.from.y};
  double enter = 0, leave = 1;
  for (int i = 0; i < 4; ++i) {
    if (slope[i] == 0) {
      if (room[i] < 0) return std::nullopt;
    } else if (slope[i] < 0) {
      enter = std::max(enter, room[i] / slope[i]);
    } else {
      leave = std::min(leave, room[i] / slope[i]);
    }
  }
  if (enter > leave) return std::nullopt;

  // ends that need no cutting stay exactly as they are
  Segment kept = segment;
  if (enter > 0) kept.from = {segment.from.x + enter * dx, segment.from.y + enter * dy};
  if (leave < 1) kept.to = {segment.from.x + leave * dx, segment.from.y + leave * dy};
  return kept;
}

void set_color(cairo_t* cairo, Color color) {
  cairo_set_source_rgba(cairo, color.red / 255.0, color.green / 255.0, color.blue / 255.0, color.alpha / 255.0);
}

// Letters of a fixed family, unhinted so that their width grows in proportion to their size.
void select_font(cairo_t* cairo) {
  cairo_select_font_face(cairo, kFont, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  const FontOptions options(cairo_font_options_create());
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(cairo, options.get());
}

// The font size at which a capital letter is `height` high.
double font_size(cairo_t* cairo, double height) {
  constexpr double kProbe = 100;
  cairo_set_font_size(cairo, kProbe);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, "H", &extents);
  return extents.height > 0 ? height * kProbe / extents.height : height;
}

// Paints the items of a scene, one overload a kind.
class Rasterizer {
 public:
  Rasterizer(cairo_surface_t* surface, const Mapping& map)
      : surface_(surface), cairo_(cairo_create(surface)), map_(map) {
    const Point from = map.upper_left(), to = map.lower_right();
    cairo_rectangle(cairo_.get(), from.x, from.y, to.x - from.x, to.y - from.y);
    cairo_clip(cairo_.get());
    cairo_set_line_join(cairo_.get(), CAIRO_LINE_JOIN_ROUND);
    select_font(cairo_.get());
  }

  void operator()(const envs::Polygon& polygon) {
    if (!finite(polygon.points) || !std::isfinite(polygon.paint.outline_width)) return;
    std::vector<Point> points(polygon.points.size());
    std::ranges::transform(polygon.points, points.begin(), map_);
    points = cut_to_guard(std::move(points));
    if (points.empty()) return;
    for (const Point point : points) cairo_line_to(cairo_.get(), point.x, point.y);
    cairo_close_path(cairo_.get());
    fill_and_outline(polygon.paint);
  }

  void operator()(const envs::Circle& circle) {
    const double radius = circle.radius * map_.scale();  // pixels
    if (!finite(circle.center) || !std::isfinite(circle.paint.outline_width)) return;
    const Point center = map_(circle.center);
    if (!(radius > 0 && radius <= kMaxRadius && std::abs(center.x) <= 2 * kMaxRadius &&
          std::abs(center.y) <= 2 * kMaxRadius))
      return;
    cairo_arc(cairo_.get(), center.x, center.y, radius, 0, 2 * std::numbers::pi);
    cairo_close_path(cairo_.get());
    fill_and_outline(circle.paint);
  }

  void operator()(const envs::Polyline& line) {
    if (!finite(line.points) || !std::isfinite(line.width) || line.points.empty()) return;
    std::vector<Point> points(line.points.size());
    std::ranges::transform(line.points, points.begin(), map_);
    if (line.width <= 0) sharpen(points);

    // one path as long as the pieces hang together, so that the corners are joined
    std::optional<Point> pen;
    for (std::size_t i = 1; i < points.size(); ++i) {
      const std::optional<Segment> piece = cut_to_guard(Segment{points[i - 1], points[i]});
      if (!piece) continue;
      if (pen != piece->from) cairo_move_to(cairo_.get(), piece->from.x, piece->from.y);
      cairo_line_to(cairo_.get(), piece->to.x, piece->to.y);
      pen = piece->to;
    }
    stroke(line.color, line.width);
  }

  void operator()(const envs::Text& text) {
    const double height = text.height * map_.scale();  // pixels
    if (!finite(text.position)) return;
    const Point position = map_(text.position);
    if (!(height > 0 && height <= kGuard && std::abs(position.x) <= kGuard && std::abs(position.y) <= kGuard)) return;
    const std::string words = printable(text.text);
    cairo_set_font_size(cairo_.get(), font_size(cairo_.get(), height));
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), words.c_str(), &extents);
    const double share = text.align == envs::Align::kLeft ? 0.0 : text.align == envs::Align::kCenter ? 0.5 : 1.0;
    set_color(cairo_.get(), text.color);
    cairo_move_to(cairo_.get(), position.x - share * extents.x_advance, position.y + 0.5 * height);
    cairo_show_text(cairo_.get(), words.c_str());
    cairo_new_path(cairo_.get());  // otherwise the next shape would start behind the last letter
  }

  // Nearest neighbour: each output pixel has the colour of the source pixel at its centre.
  void operator()(const envs::Image& image) {
    const Shape& shape = image.pixels.shape();
    if (image.pixels.dtype() != DType::kUInt8 || shape.rank() != 3 || shape[2] != 3) {
      throw InvalidArgument(
          formatted("a scene's image holds a {} array of shape {}; give uint8 of shape (height, width, 3)",
                    name_of(image.pixels.dtype()), shape.to_string()));
    }
    if (!finite(image.low) || !finite(image.high) || image.pixels.size() == 0) return;
    const Point a = map_(image.low), b = map_(image.high);
    const double left = std::min(a.x, b.x), right = std::max(a.x, b.x);
    const double top = std::min(a.y, b.y), bottom = std::max(a.y, b.y);

    // columns and rows with centres in the rectangle and in the world
    cairo_surface_flush(surface_);
    const Point from = map_.upper_left(), to = map_.lower_right();
    const int x0 = first_center(std::max(left, from.x)), y0 = first_center(std::max(top, from.y));
    const int x1 = std::min(first_center(std::min(right, to.x)), cairo_image_surface_get_width(surface_));
    const int y1 = std::min(first_center(std::min(bottom, to.y)), cairo_image_surface_get_height(surface_));

    const std::span<const std::uint8_t> pixels = image.pixels.data<std::uint8_t>();
    const std::int64_t rows = shape[0], columns = shape[1];
    const auto nearest = [](double center, double begin, double end, std::int64_t count) {
      const double share = (center - begin) / (end - begin);
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(share * static_cast<double>(count)), 0, count - 1);
    };
    unsigned char* data = cairo_image_surface_get_data(surface_);
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface_);
    for (int y = y0; y < y1; ++y) {
      const std::int64_t row = nearest(y + 0.5, top, bottom, rows);
      for (int x = x0; x < x1; ++x) {
        const std::int64_t column = nearest(x + 0.5, left, right, columns);
        const std::uint8_t* rgb = pixels.data() + 3 * (row * columns + column);
        const std::uint32_t packed = 0xFF000000u | std::uint32_t{rgb[0]} << 16 | std::uint32_t{rgb[1]} << 8 | rgb[2];
        std::memcpy(data + y * stride + 4 * x, &packed, 4);
      }
    }
    cairo_surface_mark_dirty(surface_);
  }

  void finish() { check(cairo_status(cairo_.get())); }

 private:
  // The first pixel with its centre at `coordinate` or beyond, at least 0.
  static int first_center(double coordinate) {
    return static_cast<int>(std::clamp(std::ceil(coordinate - 0.5), 0.0, double{kMaxSide}));
  }

  // A level or upright line of one pixel between two rows would be a grey line of two: it is moved onto one.
  static void sharpen(std::vector<Point>& points) {
    const Point first = points.front();
    if (std::ranges::all_of(points, [&](Point p) { return p.y == first.y; })) {
      for (Point& point : points) point.y = std::floor(point.y) + 0.5;
    } else if (std::ranges::all_of(points, [&](Point p) { return p.x == first.x; })) {
      for (Point& point : points) point.x = std::floor(point.x) + 0.5;
    }
  }

  void fill_and_outline(const envs::Paint& paint) {
    set_color(cairo_.get(), paint.fill);
    cairo_fill_preserve(cairo_.get());
    if (paint.outline_width > 0) {
      stroke(paint.outline, paint.outline_width);
    } else {
      cairo_new_path(cairo_.get());
    }
  }

  void stroke(Color color, double world_width) {
    set_color(cairo_.get(), color);
    cairo_set_line_width(cairo_.get(), std::clamp(world_width * map_.scale(), 1.0, kGuard));
    cairo_stroke(cairo_.get());
  }

  cairo_surface_t* surface_;
  Context cairo_;
  const Mapping& map_;
};

Surface new_surface(int width, int height) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  check(cairo_surface_status(surface.get()));
  return surface;
}

Image to_image(cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  Image image{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface);
  std::uint8_t* out = image.rgb.data();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      std::uint32_t packed;
      std::memcpy(&packed, data + y * stride + 4 * x, 4);
      *out++ = static_cast<std::uint8_t>(packed >> 16);
      *out++ = static_cast<std::uint8_t>(packed >> 8);
      *out++ = static_cast<std::uint8_t>(packed);
    }
  }
  return image;
}

}  // namespace

Image rasterise(const envs::Scene& scene, int width, int height) {
  const double world_width = scene.high.x - scene.low.x, world_height = scene.high.y - scene.low.y;
  if (!(std::isfinite(world_width) && std::isfinite(world_height) && world_width > 0 && world_height > 0)) {
    throw InvalidArgument(formatted(
        "a scene reaches from ({}, {}) to ({}, {}); give it a high corner above and to the right of its low corner",
        scene.low.x, scene.low.y, scene.high.x, scene.high.y));
  }

  // a missing side follows from the other
  const auto follow = [](double pixels) {
    return static_cast<int>(std::lround(std::clamp(pixels, 1.0, double{kMaxSide})));
  };
  if (width == 0 && height == 0) {
    width = scene.width;
    height = scene.height;
  } else if (width == 0 && height > 0) {
    width = follow(height * world_width / world_height);
  } else if (height == 0 && width > 0) {
    height = follow(width * world_height / world_width);
  }
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    throw InvalidArgument(
        formatted("an image must have sides from 1 to {2} pixels, got {0} x {1}", width, height, kMaxSide));
  }

  const Surface surface = new_surface(width, height);
  {
    const Context background(cairo_create(surface.get()));
    set_color(background.get(), {scene.background.red, scene.background.green, scene.background.blue, 255});
    cairo_paint(background.get());
    check(cairo_status(background.get()));
  }
  const Mapping map(scene, width, height);
  Rasterizer rasterizer(surface.get(), map);
  for (const envs::SceneItem& item : scene.items) std::visit(rasterizer, item);
  rasterizer.finish();
  return to_image(surface.get());
}

double text_width(std::string_view text, double height) {
  const Surface surface = new_surface(1, 1);
  const Context cairo(cairo_create(surface.get()));
  select_font(cairo.get());
  cairo_set_font_size(cairo.get(), font_size(cairo.get(), height));
  cairo_text_extents_t extents;
  cairo_text_extents(cairo.get(), printable(text).c_str(), &extents);
  check(cairo_status(cairo.get()));
  return extents.x_advance;
}

}  // namespace ludus::render
