#include "envs/box2d/pixel_canvas.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace ludus::envs {
namespace {

constexpr std::size_t kMaxCorners = 16;

// Digits of 5 by 7 dots; the lowest bit is the dot on the right, the first row the top.
constexpr int kGlyphWidth = 5, kGlyphHeight = 7;
using Glyph = std::array<std::uint8_t, kGlyphHeight>;
constexpr std::array<Glyph, 10> kDigits{{
    {0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110},
    {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110},
    {0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111},
    {0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110},
    {0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010},
    {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110},
    {0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110},
    {0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b01000, 0b01000},
    {0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110},
    {0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100},
}};
constexpr Glyph kMinus{0, 0, 0, 0b01110, 0, 0, 0};

// The first sample with its centre not before `position`, in samples, within the canvas.
int first_sample(double position) {
  return static_cast<int>(std::ceil(std::clamp(position, 0.0, double{PixelCanvas::kSide}) - 0.5));
}

}  // namespace

PixelCanvas::PixelCanvas(double width, double height, Color background)
    : scale_x_(kSide / width), scale_y_(kSide / height) {
  samples_.fill(index_of(background));
}

std::uint8_t PixelCanvas::index_of(Color color) {
  if (colors_ > 0 && palette_[last_] == color) return last_;
  const auto known = palette_.begin() + static_cast<std::ptrdiff_t>(colors_);
  const auto entry = std::find(palette_.begin(), known, color);
  last_ = static_cast<std::uint8_t>(entry - palette_.begin());
  if (entry == known) {
    assert(colors_ < palette_.size());
    palette_[colors_++] = color;
  }
  return last_;
}

void PixelCanvas::fill(std::span<const Point> polygon, Color color) {
  assert(polygon.size() <= kMaxCorners);
  const std::size_t n = polygon.size();
  if (n < 3) return;

  // the corners in samples
  std::array<Point, kMaxCorners> corners;
  double low_x = kSide, high_x = 0, low_y = kSide, high_y = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Point p = corners[i] = {polygon[i].x * scale_x_, polygon[i].y * scale_y_};
    low_x = std::min(low_x, p.x), high_x = std::max(high_x, p.x);
    low_y = std::min(low_y, p.y), high_y = std::max(high_y, p.y);
  }
  if (low_x >= kSide || high_x <= 0 || low_y >= kSide || high_y <= 0) return;

  // an edge crosses the rows with their centre between its ends; per row, its x grows by a constant
  struct Edge {
    int first, end;  // rows
    double x, slope;
  };
  std::array<Edge, kMaxCorners> edges;
  std::size_t edge_count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    Point a = corners[i], b = corners[(i + 1) % n];
    if (a.y > b.y) std::swap(a, b);
    const int first = first_sample(a.y), end = first_sample(b.y);
    if (first >= end) continue;
    const double slope = (b.x - a.x) / (b.y - a.y);
    edges[edge_count++] = {first, end, a.x + (first + 0.5 - a.y) * slope, slope};
  }

  const std::uint8_t index = index_of(color);
  const int end_row = first_sample(high_y);
  for (int row = first_sample(low_y); row < end_row; ++row) {
    std::array<double, kMaxCorners> crossings;
    std::size_t count = 0;
    for (std::size_t e = 0; e < edge_count; ++e) {
      Edge& edge = edges[e];
      if (row < edge.first || row >= edge.end) continue;
      crossings[count++] = edge.x;
      edge.x += edge.slope;
    }
    if (count > 2) {
      std::sort(crossings.begin(), crossings.begin() + static_cast<std::ptrdiff_t>(count));
    } else if (count == 2 && crossings[0] > crossings[1]) {
      std::swap(crossings[0], crossings[1]);
    }

    // inside between the first and the second crossing, the third and the fourth, …
    std::uint8_t* samples = samples_.data() + std::size_t{kSide} * static_cast<std::size_t>(row);
    for (std::size_t k = 0; k + 1 < count; k += 2) {
      const int from = first_sample(crossings[k]), to = first_sample(crossings[k + 1]);
      if (from < to) std::memset(samples + from, index, static_cast<std::size_t>(to - from));
    }
  }
}

void PixelCanvas::write(std::string_view digits, Point middle, double height, Color color) {
  // one dot between two glyphs
  const double dot = height / kGlyphHeight;
  const double width = (static_cast<double>(digits.size()) * (kGlyphWidth + 1) - 1) * dot;
  double left = middle.x - width / 2;
  for (const char c : digits) {
    const Glyph& glyph = c == '-' ? kMinus : kDigits[static_cast<std::size_t>(c - '0')];
    for (int row = 0; row < kGlyphHeight; ++row) {
      const double top = middle.y + height / 2 - row * dot;
      for (int column = 0; column < kGlyphWidth; ++column) {
        if (!(glyph[static_cast<std::size_t>(row)] >> (kGlyphWidth - 1 - column) & 1)) continue;
        const double x = left + column * dot;
        fill(std::array<Point, 4>{{{x, top}, {x + dot, top}, {x + dot, top - dot}, {x, top - dot}}}, color);
      }
    }
    left += (kGlyphWidth + 1) * dot;
  }
}

void PixelCanvas::read(std::span<std::uint8_t> out) const {
  assert(out.size() == kBytes);
  constexpr unsigned kAll = kSamples * kSamples;
  std::size_t at = 0;
  for (int y = kPixels; y-- > 0;) {
    for (int x = 0; x < kPixels; ++x) {
      const std::uint8_t* corner =
          samples_.data() + std::size_t{kSide} * static_cast<std::size_t>(y * kSamples) + x * kSamples;

      // all samples alike?
      const std::uint64_t uniform = std::uint64_t{corner[0]} * 0x0101010101010101u;
      std::uint64_t difference = 0;
      for (int row = 0; row < kSamples; ++row) {
        std::uint64_t word;
        std::memcpy(&word, corner + row * kSide, sizeof word);
        difference |= word ^ uniform;
      }
      if (difference == 0) {
        const Color color = palette_[corner[0]];
        out[at++] = color.red, out[at++] = color.green, out[at++] = color.blue;
        continue;
      }

      unsigned red = kAll / 2, green = kAll / 2, blue = kAll / 2;
      for (int row = 0; row < kSamples; ++row) {
        for (int column = 0; column < kSamples; ++column) {
          const Color color = palette_[corner[row * kSide + column]];
          red += color.red, green += color.green, blue += color.blue;
        }
      }
      out[at++] = static_cast<std::uint8_t>(red / kAll);
      out[at++] = static_cast<std::uint8_t>(green / kAll);
      out[at++] = static_cast<std::uint8_t>(blue / kAll);
    }
  }
}

}  // namespace ludus::envs
