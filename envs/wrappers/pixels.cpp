#include "envs/wrappers/pixels.h"

#include <algorithm>

#include "base/format.h"

namespace ludus::envs {

Scene scene_of(Array pixels) {
  Scene scene;
  scene.width = static_cast<int>(pixels.shape()[1]);
  scene.height = static_cast<int>(pixels.shape()[0]);
  scene.high = {static_cast<double>(scene.width), static_cast<double>(scene.height)};
  scene.items.push_back(Image{scene.low, scene.high, std::move(pixels)});
  return scene;
}

Array tiled(std::span<const Array> images, std::size_t columns, std::int64_t height, std::int64_t width) {
  const Shape one = images[0].shape();
  const auto rows = static_cast<std::size_t>(one[0]), row_bytes = static_cast<std::size_t>(one[1] * one[2]);
  Array all(DType::kUInt8, Shape{height, width, one[2]});
  const auto all_row_bytes = static_cast<std::size_t>(width * one[2]);
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].shape() != one) {
      throw InvalidArgument(
          formatted("tiled images must have one size, got {} and {}", one.to_string(), images[i].shape().to_string()));
    }
    for (std::size_t y = 0; y < rows; ++y) {
      const std::size_t place = (i / columns * rows + y) * all_row_bytes + i % columns * row_bytes;
      std::ranges::copy(images[i].data<std::uint8_t>().subspan(y * row_bytes, row_bytes),
                        all.data<std::uint8_t>().subspan(place, row_bytes).begin());
    }
  }
  return all;
}

}  // namespace ludus::envs
