// JPEG files; an image that can be read is written and read again, with the same shape.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/io/image_file.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const io::DecodeOptions options{.max_pixels = 1 << 16};
  try {
    const Array image = io::decode_image(std::as_bytes(std::span(data, size)), "file", options);
    if (image.dtype() != DType::kUInt8) return 0;
    if (image.shape()[2] != 1 && image.shape()[2] != 3) return 0;  // a PNG file with alpha
    if (!(io::decode_image(io::encode_jpeg(image), "copy", options).shape() == image.shape())) std::abort();
  } catch (const InputError&) {
  }
  return 0;
}
