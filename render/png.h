/// @file
/// PNG files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "render/image.h"

namespace ludus::render {

/// Encodes a PNG file (8-bit RGB, lossless). Throws InvalidArgument if the image is empty or the number of pixels does
/// not match its size.
std::vector<std::byte> encode_png(const Image& image);

/// Writes a PNG file atomically. Throws as encode_png() and write_atomically().
void write_png(const std::filesystem::path& path, const Image& image);

/// Reads a PNG file; transparent pixels are blended with black. Throws FileError if it is missing or not a PNG file.
Image read_png(const std::filesystem::path& path);

}  // namespace ludus::render
