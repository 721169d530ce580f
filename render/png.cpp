#include "render/png.h"

#include <cairo.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace ludus::render {
namespace {

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;

cairo_status_t append(void* closure, const unsigned char* data, unsigned length) {
  auto& bytes = *static_cast<std::vector<std::byte>*>(closure);
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), begin, begin + length);
  return CAIRO_STATUS_SUCCESS;
}

cairo_status_t take(void* closure, unsigned char* data, unsigned length) {
  auto& bytes = *static_cast<std::span<const std::byte>*>(closure);
  if (bytes.size() < length) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(data, bytes.data(), length);
  bytes = bytes.subspan(length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::vector<std::byte> encode_png(const Picture& picture) {
  const auto pixels =
      static_cast<std::size_t>(std::max(picture.width, 0)) * static_cast<std::size_t>(std::max(picture.height, 0));
  if (pixels == 0 || picture.rgb.size() != 3 * pixels) {
    throw InvalidArgument("a picture of " + std::to_string(picture.width) + " x " + std::to_string(picture.height) +
                          " pixels with " + std::to_string(picture.rgb.size()) +
                          " bytes cannot be stored; give height x width x 3 bytes");
  }

  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height));
  if (cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS) {
    unsigned char* data = cairo_image_surface_get_data(surface.get());
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
    const std::uint8_t* in = picture.rgb.data();
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x, in += 3) {
        const std::uint32_t packed = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
        std::memcpy(data + y * stride + 4 * x, &packed, 4);
      }
    }
    cairo_surface_mark_dirty(surface.get());
  }
  std::vector<std::byte> bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS) {
    throw WorkError(std::string("cannot make a PNG picture: ") + cairo_status_to_string(status));
  }
  return bytes;
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
  write_atomically(path, encode_png(picture));
}

Picture read_png(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_bytes(path);
  std::span<const std::byte> rest(file);
  const Surface surface(cairo_image_surface_create_from_png_stream(take, &rest));
  const cairo_status_t status = cairo_surface_status(surface.get());
  const cairo_format_t format = cairo_image_surface_get_format(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw FileError("cannot read " + path.string() + " as a PNG picture: " + cairo_status_to_string(status));
  }
  if (format != CAIRO_FORMAT_RGB24 && format != CAIRO_FORMAT_ARGB32) {
    throw FileError("cannot read " + path.string() + ": give a PNG picture of 8 bits per channel");
  }

  cairo_surface_flush(surface.get());
  Picture picture{cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  picture.rgb.reserve(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3);
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      std::uint32_t packed;  // colours are already multiplied by alpha
      std::memcpy(&packed, data + y * stride + 4 * x, 4);
      picture.rgb.push_back(static_cast<std::uint8_t>(packed >> 16));
      picture.rgb.push_back(static_cast<std::uint8_t>(packed >> 8));
      picture.rgb.push_back(static_cast<std::uint8_t>(packed));
    }
  }
  return picture;
}

}  // namespace ludus::render
