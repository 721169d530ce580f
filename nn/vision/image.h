/// @file
/// Images: Arrays of shape (height, width, channels), row-major. uint8 (0 to 255) and uint16 (0 to 65535) as files have
/// them, or float32 in [0, 1]. Channels are grey, grey and alpha, RGB, or RGB and alpha. nn/io/image_file.h reads and
/// writes them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/array.h"

namespace ludus::vision {

struct ImageSize {
  std::int64_t height = 0;  // pixels
  std::int64_t width = 0;   // pixels

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// Throws TypeMismatch, naming the operation, unless `image` is uint8, uint16 or float32 of shape (height, width,
/// channels) with 1 to 4 channels and at least one pixel.
void check_image(const Array& image, std::string_view operation);

/// Return the extents of an image.
ImageSize size_of(const Array& image);
std::int64_t channels_of(const Array& image);

/// Returns the image as float32: uint8 / 255, uint16 / 65535, float32 as it is. Throws as check_image() does.
Array to_float(const Array& image);

/// Returns the image as uint8: float32 is clipped to [0, 1] (NaN to 0), multiplied by 255 and rounded; uint16 is
/// divided by 257 and rounded. Throws as check_image() does.
Array to_uint8(const Array& image);

/// Returns the image with 1 to 4 channels. RGB to grey is the luma of to_grey() (nn/vision/image_ops.h); grey to RGB
/// repeats it; alpha is dropped, or added as opaque, as in PIL's convert. Throws as check_image() does, and
/// InvalidArgument for another number.
Array with_channels(const Array& image, std::int64_t channels);

/// Returns the luma of an RGB image, one channel: for uint8 PIL's L = (19595 R + 38470 G + 7471 B + 32768) >> 16 (ITU-R
/// 601-2); for float32 torchvision's 0.2989 R + 0.587 G + 0.114 B; uint16 as PIL's, in 64 bits. A grey image stays;
/// alpha is dropped. Throws as check_image() does.
Array to_grey(const Array& image);

}  // namespace ludus::vision
