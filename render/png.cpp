#include "render/png.h"

#include <cairo.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

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

std::vector<std::byte> encode_png(const Image& image) {
  const auto pixels =
      static_cast<std::size_t>(std::max(image.width, 0)) * static_cast<std::size_t>(std::max(image.height, 0));
  if (pixels == 0 || image.rgb.size() != 3 * pixels) {
    throw InvalidArgument(
        formatted("an image of {} x {} pixels with {} bytes cannot be stored; give height x width x 3 bytes",
                  image.width, image.height, image.rgb.size()));
  }

  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  if (cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS) {
    unsigned char* data = cairo_image_surface_get_data(surface.get());
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
    const std::uint8_t* in = image.rgb.data();
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x, in += 3) {
        const std::uint32_t packed = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
        std::memcpy(data + y * stride + 4 * x, &packed, 4);
      }
    }
    cairo_surface_mark_dirty(surface.get());
  }
  std::vector<std::byte> bytes;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  if (status != CAIRO_STATUS_SUCCESS) {
    throw WorkError(formatted("cannot encode a PNG image: {}", cairo_status_to_string(status)));
  }
  return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_atomically(path, encode_png(image));
}

Image read_png(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_bytes(path);
  std::span<const std::byte> rest(file);
  const Surface surface(cairo_image_surface_create_from_png_stream(take, &rest));
  const cairo_status_t status = cairo_surface_status(surface.get());
  const cairo_format_t format = cairo_image_surface_get_format(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw FileError(formatted("cannot read {} as a PNG image: {}", path.string(), cairo_status_to_string(status)));
  }
  if (format != CAIRO_FORMAT_RGB24 && format != CAIRO_FORMAT_ARGB32) {
    throw FileError(formatted("cannot read {}: give a PNG image of 8 bits per channel", path.string()));
  }

  cairo_surface_flush(surface.get());
  Image image{cairo_image_surface_get_width(surface.get()), cairo_image_surface_get_height(surface.get()), {}};
  image.rgb.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      std::uint32_t packed;  // colours are already multiplied by alpha
      std::memcpy(&packed, data + y * stride + 4 * x, 4);
      image.rgb.push_back(static_cast<std::uint8_t>(packed >> 16));
      image.rgb.push_back(static_cast<std::uint8_t>(packed >> 8));
      image.rgb.push_back(static_cast<std::uint8_t>(packed));
    }
  }
  return image;
}

}  // namespace ludus::render
