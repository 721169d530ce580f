#include "render/terminal.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/format.h"
#include "render/raster.h"

namespace ludus::render {
namespace {

std::string code(char layer, envs::Color color) {
  return formatted("\x1b[{}8;2;{};{};{}m", layer, color.red, color.green, color.blue);
}

}  // namespace

std::string to_terminal(const envs::Scene& scene, int columns, int rows) {
  if (columns < 1 || rows < 1) {
    throw InvalidArgument(formatted("a terminal must have at least 1 column and 1 row, got {} and {}", columns, rows));
  }
  if (!scene.text.empty()) return scene.text.ends_with('\n') ? scene.text : scene.text + "\n";

  // the largest image in the world's proportions, with an even number of pixel rows; the rasteriser turns down
  // a world without area
  const double world_width = scene.high.x - scene.low.x, world_height = scene.high.y - scene.low.y;
  const double scale = std::min(columns / world_width, 2 * rows / world_height);
  const auto fit = [](double pixels, int most) {
    return std::isfinite(pixels) ? static_cast<int>(std::lround(std::clamp(pixels, 1.0, static_cast<double>(most))))
                                 : 1;
  };
  const int width = fit(scale * world_width, std::min(columns, kMaxSide));
  const int lines = fit(scale * world_height / 2, std::min(rows, kMaxSide / 2));
  const Image image = rasterise(scene, width, 2 * lines);

  std::string text;
  for (int line = 0; line < lines; ++line) {
    std::optional<envs::Color> foreground, background;
    for (int x = 0; x < width; ++x) {
      const envs::Color upper = image.at(x, 2 * line), lower = image.at(x, 2 * line + 1);
      if (upper != foreground) text += code('3', upper);
      if (lower != background) text += code('4', lower);
      foreground = upper;
      background = lower;
      text += "\xE2\x96\x80";  // U+2580, upper half block
    }
    text += "\x1b[0m\n";
  }
  return text;
}

}  // namespace ludus::render
