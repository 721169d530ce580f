#include "render/overlay.h"

#include <algorithm>
#include <utility>

#include "render/raster.h"

namespace ludus::render {

void draw_overlay(Image& image, std::span<const std::string> lines) {
  if (lines.empty()) return;

  // sizes in pixels; the height is a capital letter's
  const double height = std::max(9.0, image.height / 44.0);
  const double pitch = 1.75 * height, margin = height;
  double widest = 0;
  for (const std::string& line : lines) widest = std::max(widest, text_width(line, height));
  const double right = margin + widest + margin;
  const double bottom = image.height - (margin + pitch * static_cast<double>(lines.size()) + 0.25 * height);

  // the image is the background of a scene in units of pixels
  envs::Scene scene;
  scene.width = image.width;
  scene.height = image.height;
  scene.high = {static_cast<double>(image.width), static_cast<double>(image.height)};
  Array pixels(DType::kUInt8, Shape{image.height, image.width, 3});
  std::ranges::copy(image.rgb, pixels.data<std::uint8_t>().begin());
  scene.items.push_back(envs::Image{scene.low, scene.high, std::move(pixels)});
  const double top = scene.high.y;
  scene.items.push_back(
      envs::Polygon{{{0, top}, {right, top}, {right, bottom}, {0, bottom}}, {.fill = {16, 20, 28, 190}}});
  double y = top - margin - 0.5 * height;
  for (const std::string& line : lines) {
    scene.items.push_back(envs::Text{{margin, y}, line, height, {240, 243, 248, 255}, envs::Align::kLeft});
    y -= pitch;
  }
  image = rasterise(scene);
}

}  // namespace ludus::render
