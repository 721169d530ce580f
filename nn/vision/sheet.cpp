#include "nn/vision/sheet.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/format.h"

namespace ludus::vision {

Array sheet_of(std::span<const Array> images, std::int64_t columns, std::int64_t gap) {
  if (images.empty()) throw InvalidArgument("sheet: must have at least one image, got none");
  if (columns < 1) throw InvalidArgument(formatted("sheet: columns must be positive, got {}", columns));
  if (gap < 0) throw InvalidArgument(formatted("sheet: gap must be at least 0, got {}", gap));
  ImageSize place;
  std::int64_t channels = 1;
  for (const Array& image : images) {
    check_image(image, "sheet");
    const ImageSize size = size_of(image);
    place = {.height = std::max(place.height, size.height), .width = std::max(place.width, size.width)};
    channels = std::max(channels, channels_of(image));
  }

  const auto count = static_cast<std::int64_t>(images.size());
  columns = std::min(columns, count);
  const std::int64_t rows = (count + columns - 1) / columns;
  const std::int64_t width = columns * place.width + (columns - 1) * gap;
  Array sheet(DType::kUInt8, Shape{rows * place.height + (rows - 1) * gap, width, channels});
  const std::span<std::uint8_t> pixels = sheet.data<std::uint8_t>();
  std::fill(pixels.begin(), pixels.end(), std::uint8_t{255});
  for (std::int64_t i = 0; i < count; ++i) {
    const Array image = with_channels(to_uint8(images[static_cast<std::size_t>(i)]), channels);
    const ImageSize size = size_of(image);
    const std::int64_t top = i / columns * (place.height + gap), left = i % columns * (place.width + gap);
    for (std::int64_t y = 0; y < size.height; ++y) {
      const auto row = image.data<std::uint8_t>().subspan(static_cast<std::size_t>(y * size.width * channels),
                                                          static_cast<std::size_t>(size.width * channels));
      std::copy(row.begin(), row.end(), pixels.begin() + ((top + y) * width + left) * channels);
    }
  }
  return sheet;
}

}  // namespace ludus::vision
