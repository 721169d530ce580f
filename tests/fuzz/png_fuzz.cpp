// PNG files, with their checksums repaired so that changed bytes get past them; an image that can be read is written
// and read again, the same to the last bit.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "nn/io/image_file.h"

using namespace ludus;

namespace {

// Chunks behind the signature of 8 bytes: u32 length, 4 letters, data, u32 CRC of letters and data, big-endian.
void repair_checksums(std::vector<std::uint8_t>& file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | file[at + i];
    if (length > file.size() - at - 12) return;
    const unsigned long crc = crc32(0, &file[at + 4], static_cast<unsigned>(length + 4));
    for (std::size_t i = 0; i < 4; ++i) file[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (8 * (3 - i)));
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  repair_checksums(file);
  const io::DecodeOptions options{.max_pixels = 1 << 16};
  try {
    const Array image = io::decode_image(std::as_bytes(std::span(file)), "file", options);
    if (!(io::decode_image(io::encode_png(image), "copy", options) == image)) std::abort();
  } catch (const InputError&) {
  }
  return 0;
}
