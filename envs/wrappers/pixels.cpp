#include "envs/wrappers/pixels.h"

#include <algorithm>

namespace ludus::envs {

Scene scene_of(Array pixels) {
  Scene scene;
  scene.width = static_cast<int>(pixels.shape()[1]);
  scene.height = static_cast<int>(pixels.shape()[0]);
  scene.high = {static_cast<double>(scene.width), static_cast<double>(scene.height)};
  scene.items.push_back(Image{scene.low, scene.high, std::move(pixels)});
  return scene;
}

Array tiled(std::span<const Array> pictures, std::size_t columns, std::int64_t height, std::int64_t width) {
  const Shape one = pictures[0].shape();
  const auto rows = static_cast<std::size_t>(one[0]), row_bytes = static_cast<std::size_t>(one[1] * one[2]);
  Array all(DType::kUInt8, Shape{height, width, one[2]});
  const auto all_row_bytes = static_cast<std::size_t>(width * one[2]);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].shape() != one) {
      throw InvalidArgument("pictures side by side are of one size, and here are " + one.to_string() + " and " +
                            pictures[i].shape().to_string());
    }
    for (std::size_t y = 0; y < rows; ++y) {
      const std::size_t place = (i / columns * rows + y) * all_row_bytes + i % columns * row_bytes;
      std::ranges::copy(pictures[i].data<std::uint8_t>().subspan(y * row_bytes, row_bytes),
                        all.data<std::uint8_t>().subspan(place, row_bytes).begin());
    }
  }
  return all;
}

}  // namespace ludus::envs
