#include "nn/vision/image.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus::vision {

void check_image(const Array& image, std::string_view operation) {
  const Shape& shape = image.shape();
  const bool right_type =
      image.dtype() == DType::kUInt8 || image.dtype() == DType::kUInt16 || image.dtype() == DType::kFloat32;
  if (right_type && shape.rank() == 3 && shape[0] >= 1 && shape[1] >= 1 && shape[2] >= 1 && shape[2] <= 4) return;
  throw TypeMismatch(
      formatted("{}: an image must be uint8, uint16 or float32 of shape (height, width, channels) with 1 "
                "to 4 channels, got {} of shape {}",
                operation, name_of(image.dtype()), shape.to_string()));
}

ImageSize size_of(const Array& image) {
  return {.height = image.shape()[0], .width = image.shape()[1]};
}

std::int64_t channels_of(const Array& image) {
  return image.shape()[2];
}

Array to_float(const Array& image) {
  check_image(image, "to_float");
  if (image.dtype() == DType::kFloat32) return image;
  Array result(DType::kFloat32, image.shape());
  const auto out = result.data<float>();
  if (image.dtype() == DType::kUInt8) {
    const auto in = image.data<std::uint8_t>();
    std::transform(in.begin(), in.end(), out.begin(), [](std::uint8_t v) { return static_cast<float>(v) / 255.0f; });
  } else {
    const auto in = image.data<std::uint16_t>();
    std::transform(in.begin(), in.end(), out.begin(), [](std::uint16_t v) { return static_cast<float>(v) / 65535.0f; });
  }
  return result;
}

Array to_uint8(const Array& image) {
  check_image(image, "to_uint8");
  if (image.dtype() == DType::kUInt8) return image;
  Array result(DType::kUInt8, image.shape());
  const auto out = result.data<std::uint8_t>();
  if (image.dtype() == DType::kUInt16) {
    const auto in = image.data<std::uint16_t>();
    std::transform(in.begin(), in.end(), out.begin(),
                   [](std::uint16_t v) { return static_cast<std::uint8_t>((v + 128) / 257); });
  } else {
    const auto in = image.data<float>();
    std::transform(in.begin(), in.end(), out.begin(), [](float v) {
      return v > 0.0f ? static_cast<std::uint8_t>(std::lround(std::min(v, 1.0f) * 255.0f)) : std::uint8_t{0};
    });
  }
  return result;
}

Array to_grey(const Array& image) {
  check_image(image, "to_grey");
  const auto channels = static_cast<std::size_t>(channels_of(image));
  if (channels == 1) return image;
  Array result(image.dtype(), Shape{image.shape()[0], image.shape()[1], 1});
  dispatch(image.dtype(), [&]<class T>(T) {
    if constexpr (std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t> || std::is_same_v<T, float>) {
      const auto in = image.data<T>();
      const auto out = result.template data<T>();
      for (std::size_t i = 0; i < out.size(); ++i) {
        const T* pixel = &in[i * channels];
        if (channels == 2) {
          out[i] = pixel[0];
        } else if constexpr (std::is_same_v<T, float>) {
          out[i] = 0.2989f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
        } else {
          const std::uint64_t luma =
              std::uint64_t{19595} * pixel[0] + std::uint64_t{38470} * pixel[1] + std::uint64_t{7471} * pixel[2];
          out[i] = static_cast<T>((luma + 0x8000) >> 16);
        }
      }
    }
  });
  return result;
}

Array with_channels(const Array& image, std::int64_t channels) {
  check_image(image, "with_channels");
  if (channels < 1 || channels > 4) {
    throw InvalidArgument(formatted("with_channels: an image has 1 to 4 channels, got {}", channels));
  }
  const std::int64_t present = channels_of(image);
  if (channels == present) return image;
  const bool to_color = channels >= 3, is_color = present >= 3;
  const Array& color = is_color && !to_color ? to_grey(image) : image;
  const auto from = static_cast<std::size_t>(color.shape()[2]), to = static_cast<std::size_t>(channels);
  const bool alpha_in = present % 2 == 0, alpha_out = channels % 2 == 0;

  Array result(image.dtype(), Shape{image.shape()[0], image.shape()[1], channels});
  dispatch(image.dtype(), [&]<class T>(T) {
    if constexpr (std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t> || std::is_same_v<T, float>) {
      const T opaque = std::is_same_v<T, float> ? T(1) : std::numeric_limits<T>::max();
      const auto source = color.data<T>();
      const auto original = image.data<T>();
      const auto out = result.template data<T>();
      const auto pixels = static_cast<std::size_t>(image.shape()[0] * image.shape()[1]);
      for (std::size_t i = 0; i < pixels; ++i) {
        const std::size_t colors = to - (alpha_out ? 1 : 0);
        for (std::size_t c = 0; c < colors; ++c) out[i * to + c] = source[i * from + (from >= 3 ? c : 0)];
        if (alpha_out) {
          const auto last = static_cast<std::size_t>(present) - 1;
          out[i * to + to - 1] = alpha_in ? original[i * (last + 1) + last] : opaque;
        }
      }
    }
  });
  return result;
}

}  // namespace ludus::vision
