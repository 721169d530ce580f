#include "nn/io/image_file.h"

#include <png.h>
// libjpeg's header needs these two before it
#include <csetjmp>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/file.h"
#include "base/format.h"

namespace ludus::io {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::array<unsigned char, 3> kJpegMagic{0xFF, 0xD8, 0xFF};
constexpr std::array<unsigned char, 8> kPngMagic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::int64_t kMaxJpegExtent = JPEG_MAX_DIMENSION;
constexpr std::int64_t kMaxPngExtent = 1'000'000;  // libpng's default limit for readers

// A JPEG file codes a block of 64 pixels in no less than one bit, and arithmetic coding seldom less: fewer bytes than
// that are a lie. Deflate, which PNG uses, expands at most 1032-fold.
constexpr std::uint64_t kMaxPixelsPerJpegByte = 1024;
constexpr std::uint64_t kMaxDeflateRatio = 1040;
constexpr std::uint64_t kSlack = 1 << 20;  // bytes, for small files

bool begins_with(Bytes bytes, Bytes magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

void check_pixels(std::uint64_t width, std::uint64_t height, std::uint64_t max_pixels, std::string_view name) {
  if (width == 0 || height == 0) throw FileError(formatted("{}: the image has no pixels", name));
  if (width > max_pixels / height) {
    throw FileError(formatted("{}: images may have up to {} pixels, this one claims {} x {}; reduce it first", name,
                              max_pixels, width, height));
  }
}

[[noreturn]] void throw_lie(std::string_view name, std::uint64_t width, std::uint64_t height, std::size_t size) {
  throw FileError(formatted("{}: the file claims {} x {} pixels, which its {} bytes cannot hold; it is damaged", name,
                            width, height, size));
}

// Returns the EXIF orientation, 1 to 8, of a TIFF structure; 1 if there is none.
int exif_orientation(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const bool big = tiff[0] == 'M';
  if (!(tiff[0] == tiff[1] && (big || tiff[0] == 'I'))) return 1;
  const auto read = [&](std::size_t at, std::size_t bytes) -> std::uint32_t {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      number |= std::uint32_t{tiff[at + i]} << (8 * (big ? bytes - 1 - i : i));
    }
    return number;
  };
  const std::size_t directory = read(4, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = read(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) return 1;
    if (read(entry, 2) != 0x0112) continue;
    const std::uint32_t orientation = read(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

// Returns the image upright: orientations 5 to 8 exchange rows and columns.
Array oriented(const Array& image, int orientation) {
  if (orientation == 1) return image;
  const std::int64_t height = image.shape()[0], width = image.shape()[1];
  const bool transposed = orientation >= 5;
  const std::int64_t rows = transposed ? width : height, columns = transposed ? height : width;
  Array result(image.dtype(), Shape{rows, columns, image.shape()[2]});
  const std::size_t pixel = static_cast<std::size_t>(image.shape()[2]) * size_of(image.dtype());
  const std::byte* in = image.bytes().data();
  std::byte* out = result.bytes().data();
  // where row 0 and column 0 of the file are, by the table of EXIF
  const bool flip_rows = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool flip_columns = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      // the pixel of the upright image before rows and columns are exchanged
      const std::int64_t v = transposed ? (flip_columns ? columns - 1 - x : x) : (flip_rows ? rows - 1 - y : y);
      const std::int64_t u = transposed ? (flip_rows ? rows - 1 - y : y) : (flip_columns ? columns - 1 - x : x);
      std::memcpy(out, in + static_cast<std::size_t>(v * width + u) * pixel, pixel);
      out += pixel;
    }
  }
  return result;
}

// ---- JPEG ----

// libjpeg reports errors by longjmp: between setjmp and longjmp no object with a destructor is created.
struct JpegErrors {
  jpeg_error_mgr manager;  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void jpeg_fail(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->message);
  std::longjmp(errors->jump, 1);
}

// Warnings of libjpeg are damage that it has filled with grey, except for the harmless ones.
void jpeg_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  const int code = info->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_TOO_MUCH_DATA || code == JWRN_ADOBE_XFORM) return;
  jpeg_fail(info);
}

void set_up(JpegErrors& errors, j_common_ptr info) {
  info->err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = jpeg_fail;
  errors.manager.emit_message = jpeg_message;
  errors.message[0] = '\0';
}

struct JpegReader {
  jpeg_decompress_struct info{};
  JpegErrors errors{};
  ~JpegReader() { jpeg_destroy_decompress(&info); }
};

bool read_jpeg_header(JpegReader& reader, Bytes bytes) {
  set_up(reader.errors, reinterpret_cast<j_common_ptr>(&reader.info));
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_create_decompress(&reader.info);
  jpeg_mem_src(&reader.info, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_save_markers(&reader.info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&reader.info, TRUE);
  return true;
}

// Reads the rows into `out`, each of `stride` bytes.
bool read_jpeg_rows(JpegReader& reader, unsigned char* out, std::size_t stride) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_start_decompress(&reader.info);
  while (reader.info.output_scanline < reader.info.output_height) {
    JSAMPROW row = out + reader.info.output_scanline * stride;
    jpeg_read_scanlines(&reader.info, &row, 1);
  }
  jpeg_finish_decompress(&reader.info);
  return true;
}

int jpeg_orientation(const jpeg_decompress_struct& info) {
  static constexpr std::array<unsigned char, 6> kExif{'E', 'x', 'i', 'f', 0, 0};
  for (const jpeg_marker_struct* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const Bytes data(marker->data, marker->data_length);
    if (begins_with(data, kExif)) return exif_orientation(data.subspan(kExif.size()));
  }
  return 1;
}

// Converts CMYK to RGB as PIL does: (255 - C)(255 - K) / 255, without colour profiles. Adobe stores inverted inks.
Array rgb_of_cmyk(const Array& cmyk, bool inverted) {
  Array rgb(DType::kUInt8, Shape{cmyk.shape()[0], cmyk.shape()[1], 3});
  const auto in = cmyk.data<std::uint8_t>();
  const auto out = rgb.data<std::uint8_t>();
  const std::uint8_t mask = inverted ? 0xFF : 0;
  for (std::size_t i = 0, o = 0; i < in.size(); i += 4) {
    const int light = 255 - (in[i + 3] ^ mask);
    for (std::size_t c = 0; c < 3; ++c) {
      const int product = (in[i + c] ^ mask) * light + 128;
      out[o++] = static_cast<std::uint8_t>(std::max(0, light - ((product >> 8) + product) / 256));
    }
  }
  return rgb;
}

Array decode_jpeg(Bytes bytes, std::string_view name, const DecodeOptions& options) {
  JpegReader reader;
  const auto fail = [&] {
    throw FileError(formatted("{}: the JPEG file cannot be read: {}", name, reader.errors.message));
  };
  if (!read_jpeg_header(reader, bytes)) fail();
  jpeg_decompress_struct& info = reader.info;
  check_pixels(info.image_width, info.image_height, options.max_pixels, name);
  if (std::uint64_t{info.image_width} * info.image_height > kMaxPixelsPerJpegByte * (bytes.size() + 1024)) {
    throw_lie(name, info.image_width, info.image_height, bytes.size());
  }

  const bool cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  const bool grey = info.jpeg_color_space == JCS_GRAYSCALE;
  info.out_color_space = cmyk ? JCS_CMYK : grey ? JCS_GRAYSCALE : JCS_RGB;
  const std::int64_t channels = cmyk ? 4 : grey ? 1 : 3;
  const int orientation = options.orient ? jpeg_orientation(info) : 1;  // libjpeg frees the markers at the end
  Array image(DType::kUInt8, Shape{info.image_height, info.image_width, channels});
  auto* out = reinterpret_cast<unsigned char*>(image.bytes().data());
  if (!read_jpeg_rows(reader, out, static_cast<std::size_t>(channels) * info.image_width)) fail();
  if (cmyk) image = rgb_of_cmyk(image, info.saw_Adobe_marker != 0);
  return oriented(image, orientation);
}

struct JpegWriter {
  jpeg_compress_struct info{};
  JpegErrors errors{};
  unsigned char* bytes = nullptr;  // allocated by libjpeg
  unsigned long size = 0;
  ~JpegWriter() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
};

bool write_jpeg_rows(JpegWriter& writer, const unsigned char* in, JDIMENSION width, JDIMENSION height, int channels,
                     int quality) {
  const std::size_t stride = std::size_t{width} * static_cast<std::size_t>(channels);
  set_up(writer.errors, reinterpret_cast<j_common_ptr>(&writer.info));
  if (setjmp(writer.errors.jump) != 0) return false;
  jpeg_create_compress(&writer.info);
  jpeg_mem_dest(&writer.info, &writer.bytes, &writer.size);
  writer.info.image_width = width;
  writer.info.image_height = height;
  writer.info.input_components = channels;
  writer.info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&writer.info);
  jpeg_set_quality(&writer.info, quality, TRUE);
  jpeg_start_compress(&writer.info, TRUE);
  while (writer.info.next_scanline < height) {
    auto* row = const_cast<JSAMPROW>(in + writer.info.next_scanline * stride);
    jpeg_write_scanlines(&writer.info, &row, 1);
  }
  jpeg_finish_compress(&writer.info);
  return true;
}

// ---- PNG ----

// What both directions need: libpng reports errors by longjmp, too.
struct PngState {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf jump;
  char message[256] = {};
  Bytes rest;  // reading: what is left of the file
  std::string* written = nullptr;
};

[[noreturn]] void png_fail(png_structp png, png_const_charp message) {
  auto* state = static_cast<PngState*>(png_get_error_ptr(png));
  std::snprintf(state->message, sizeof state->message, "%s", message);
  std::longjmp(state->jump, 1);
}

void png_ignore(png_structp, png_const_charp) {}

void png_take(png_structp png, png_bytep out, std::size_t count) {
  auto* state = static_cast<PngState*>(png_get_io_ptr(png));
  if (state->rest.size() < count) png_error(png, "it is truncated");
  std::memcpy(out, state->rest.data(), count);
  state->rest = state->rest.subspan(count);
}

void png_append(png_structp png, png_bytep bytes, std::size_t count) {
  auto* state = static_cast<PngState*>(png_get_io_ptr(png));
  bool appended = true;
  try {
    state->written->append(reinterpret_cast<const char*>(bytes), count);
  } catch (const std::bad_alloc&) {
    appended = false;
  }
  if (!appended) png_error(png, "there is not enough memory");
}

void png_flush_nothing(png_structp) {}

struct PngReader : PngState {
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};
struct PngWriter : PngState {
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

bool read_png_header(PngReader& reader) {
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_fail, png_ignore);
  if (reader.png == nullptr) return false;
  if (setjmp(reader.jump) != 0) return false;
  reader.info = png_create_info_struct(reader.png);
  png_set_read_fn(reader.png, &reader, png_take);
  png_set_user_limits(reader.png, 0x7FFFFFFF, 0x7FFFFFFF);  // sizes are checked by the caller
  png_set_chunk_malloc_max(reader.png, 8 << 20);
  png_read_info(reader.png, reader.info);
  return true;
}

// Asks for grey or RGB with or without alpha, 8 or 16 bits in the order of the machine. Returns false on an error.
bool set_png_transformations(PngReader& reader) {
  if (setjmp(reader.jump) != 0) return false;
  png_set_expand(reader.png);  // palettes, fewer than 8 bits, transparent colours
  if constexpr (std::endian::native == std::endian::little) png_set_swap(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_png_rows(PngReader& reader, png_bytepp rows) {
  if (setjmp(reader.jump) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, reader.info);
  return true;
}

int png_orientation(PngReader& reader) {
#ifdef PNG_eXIf_SUPPORTED
  png_uint_32 size = 0;
  png_bytep data = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &data) != 0) return exif_orientation({data, size});
#endif
  return 1;
}

// Throws FileError for a chunk that is longer than the file: libpng allocates the length that a chunk claims, except
// for the image data (IDAT), which it reads piece by piece. A chunk is a length of 4 bytes, a name of 4, data, and a
// checksum of 4.
void check_png_chunks(Bytes bytes, std::string_view name) {
  constexpr std::size_t kFrame = 12;
  for (std::size_t at = kPngMagic.size(); bytes.size() - at >= kFrame;) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | bytes[at + i];
    if (length > bytes.size() - at - kFrame) {
      if (std::memcmp(&bytes[at + 4], "IDAT", 4) == 0) return;
      throw FileError(formatted("{}: the PNG file cannot be read: it is truncated", name));
    }
    at += kFrame + length;
  }
}

Array decode_png(Bytes bytes, std::string_view name, const DecodeOptions& options) {
  check_png_chunks(bytes, name);
  PngReader reader;
  reader.rest = bytes;
  const auto fail = [&] { throw FileError(formatted("{}: the PNG file cannot be read: {}", name, reader.message)); };
  if (!read_png_header(reader)) fail();
  const std::uint64_t width = png_get_image_width(reader.png, reader.info);
  const std::uint64_t height = png_get_image_height(reader.png, reader.info);
  check_pixels(width, height, options.max_pixels, name);
  const std::uint64_t stored =
      (width * png_get_channels(reader.png, reader.info) * png_get_bit_depth(reader.png, reader.info) + 7) / 8 * height;
  if (stored > kMaxDeflateRatio * bytes.size() + kSlack) throw_lie(name, width, height, bytes.size());
  if (!set_png_transformations(reader)) fail();

  const std::size_t stride = png_get_rowbytes(reader.png, reader.info);
  const std::int64_t channels = png_get_channels(reader.png, reader.info);
  const DType dtype = png_get_bit_depth(reader.png, reader.info) == 16 ? DType::kUInt16 : DType::kUInt8;
  Array image(dtype, Shape{static_cast<std::int64_t>(height), static_cast<std::int64_t>(width), channels});
  if (stride * height != image.bytes().size()) throw FileError(formatted("{}: an unknown kind of PNG file", name));
  std::vector<png_bytep> rows(height);
  auto* out = reinterpret_cast<unsigned char*>(image.bytes().data());
  for (std::size_t y = 0; y < height; ++y) rows[y] = out + y * stride;
  if (!read_png_rows(reader, rows.data())) fail();
  return options.orient ? oriented(image, png_orientation(reader)) : image;
}

bool write_png_rows(PngWriter& writer, png_uint_32 width, png_uint_32 height, int depth, int color_type,
                    png_bytepp rows) {
  writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, png_fail, png_ignore);
  if (writer.png == nullptr) return false;
  if (setjmp(writer.jump) != 0) return false;
  writer.info = png_create_info_struct(writer.png);
  png_set_write_fn(writer.png, &writer, png_append, png_flush_nothing);
  png_set_IHDR(writer.png, writer.info, width, height, depth, color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(writer.png);
  png_write_image(writer.png, rows);
  png_write_end(writer.png, nullptr);
  return true;
}

// Throws InvalidArgument unless the image can be stored in this format.
void check_encodable(const Array& image, std::string_view format, bool right_kind, std::string_view kinds,
                     std::int64_t max_extent) {
  const Shape& shape = image.shape();
  if (shape.rank() == 3 && shape[0] >= 1 && shape[1] >= 1 && shape[0] <= max_extent && shape[1] <= max_extent &&
      right_kind) {
    return;
  }
  throw InvalidArgument(
      formatted("a {} file takes an image of shape (height, width, channels), {}, up to {} pixels high "
                "and wide, got a {} array of shape {}; convert it first",
                format, kinds, max_extent, name_of(image.dtype()), shape.to_string()));
}

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return extension;
}

}  // namespace

Array decode_image(std::span<const std::byte> bytes, std::string_view name, const DecodeOptions& options) {
  const Bytes data(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  if (begins_with(data, kPngMagic)) return decode_png(data, name, options);
  if (begins_with(data, kJpegMagic)) return decode_jpeg(data, name, options);
  throw FileError(formatted("{}: a JPEG or PNG file is needed, and this is neither", name));
}

Array decode_image(std::string_view bytes, std::string_view name, const DecodeOptions& options) {
  return decode_image(std::as_bytes(std::span(bytes)), name, options);
}

Array read_image(const std::filesystem::path& path, const DecodeOptions& options) {
  const std::vector<std::byte> bytes = read_bytes(path);
  return decode_image(bytes, path.string(), options);
}

std::string encode_jpeg(const Array& image, int quality) {
  const Shape& shape = image.shape();
  const bool right_kind = image.dtype() == DType::kUInt8 && shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3);
  check_encodable(image, "JPEG", right_kind, "uint8 with 1 or 3 channels", kMaxJpegExtent);
  if (quality < 1 || quality > 100) {
    throw InvalidArgument(formatted("the quality of a JPEG file must be between 1 and 100, got {}", quality));
  }
  JpegWriter writer;
  if (!write_jpeg_rows(writer, reinterpret_cast<const unsigned char*>(image.bytes().data()),
                       static_cast<JDIMENSION>(shape[1]), static_cast<JDIMENSION>(shape[0]), static_cast<int>(shape[2]),
                       quality)) {
    throw WorkError(formatted("the image cannot be encoded as JPEG: {}", writer.errors.message));
  }
  return {reinterpret_cast<const char*>(writer.bytes), writer.size};
}

std::string encode_png(const Array& image) {
  const Shape& shape = image.shape();
  const bool right_kind = (image.dtype() == DType::kUInt8 || image.dtype() == DType::kUInt16) && shape.rank() == 3 &&
                          shape[2] >= 1 && shape[2] <= 4;
  check_encodable(image, "PNG", right_kind, "uint8 or uint16 with 1 to 4 channels", kMaxPngExtent);
  static constexpr std::array<int, 4> kColorTypes{PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                                  PNG_COLOR_TYPE_RGB_ALPHA};
  const auto height = static_cast<std::size_t>(shape[0]);
  const std::size_t stride = image.bytes().size() / height;
  std::vector<png_bytep> rows(height);
  auto* in = reinterpret_cast<png_bytep>(const_cast<std::byte*>(image.bytes().data()));  // libpng only reads
  for (std::size_t y = 0; y < height; ++y) rows[y] = in + y * stride;

  std::string bytes;
  PngWriter writer;
  writer.written = &bytes;
  if (!write_png_rows(writer, static_cast<png_uint_32>(shape[1]), static_cast<png_uint_32>(shape[0]),
                      image.dtype() == DType::kUInt16 ? 16 : 8, kColorTypes[static_cast<std::size_t>(shape[2] - 1)],
                      rows.data())) {
    throw WorkError(formatted("the image cannot be encoded as PNG: {}", writer.message));
  }
  return bytes;
}

void check_image_path(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  if (extension != ".jpg" && extension != ".jpeg" && extension != ".png") {
    throw InvalidArgument(formatted("{}: an image file ends in .jpg, .jpeg or .png", path.string()));
  }
}

void write_image(const std::filesystem::path& path, const Array& image, int quality) {
  check_image_path(path);
  write_atomically(path, lower_extension(path) == ".png" ? encode_png(image) : encode_jpeg(image, quality));
}

}  // namespace ludus::io
