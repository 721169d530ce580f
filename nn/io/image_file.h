/// @file
/// Reads and writes JPEG and PNG files. An image is an Array of shape (height, width, channels), row-major.
///
/// Read: JPEG, baseline and progressive, grey and colour, CMYK converted to RGB; PNG of every kind: grey, colour,
/// palette, with and without alpha, interlaced, 1 to 16 bits per channel. Channels are grey, grey and alpha, RGB, or
/// RGB and alpha; elements are uint8, uint16 for a PNG file of 16 bits. The orientation that a camera recorded (EXIF)
/// is applied. Sources: ITU-T T.81; PNG specification, 2nd edition; EXIF 2.3, section 4.6.4, tag 0x0112.
///
/// Decoding is libjpeg-turbo's and libpng's. The size that a file claims is compared with its length before memory is
/// allocated: a file of N bytes never needs more than a constant times N.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/array.h"

namespace ludus::io {

struct DecodeOptions {
  bool orient = true;                      ///< apply the EXIF orientation
  std::uint64_t max_pixels = 128'000'000;  ///< larger images are refused
};

/// Returns the image of a JPEG or PNG file in memory, told apart by its first bytes. `name` is used in messages. Throws
/// FileError if the bytes are neither, damaged or truncated, or if the image has more than max_pixels.
Array decode_image(std::span<const std::byte> bytes, std::string_view name = "image",
                   const DecodeOptions& options = {});
Array decode_image(std::string_view bytes, std::string_view name = "image", const DecodeOptions& options = {});

/// Reads a JPEG or PNG file. Throws FileError as decode_image() does, and if the file cannot be read.
Array read_image(const std::filesystem::path& path, const DecodeOptions& options = {});

/// Returns a JPEG file: baseline, with chroma subsampling 4:2:0. Throws InvalidArgument unless the image is uint8 with
/// 1 or 3 channels, at most 65,500 pixels high and wide, and 1 <= quality <= 100.
std::string encode_jpeg(const Array& image, int quality = 90);

/// Returns a PNG file of 8 or 16 bits per channel. Throws InvalidArgument unless the image is uint8 or uint16 with 1 to
/// 4 channels, at most 1,000,000 pixels high and wide.
std::string encode_png(const Array& image);

/// Writes a JPEG file (.jpg, .jpeg) or a PNG file (.png) atomically, by the ending of the path. Throws InvalidArgument
/// for another ending and as the encoders do; FileError and WriteFailed as write_atomically() does.
void write_image(const std::filesystem::path& path, const Array& image, int quality = 90);

/// Throws InvalidArgument unless `path` has an ending that write_image() knows.
void check_image_path(const std::filesystem::path& path);

}  // namespace ludus::io
