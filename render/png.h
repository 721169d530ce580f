// Pictures as PNG files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "render/image.h"

namespace ludus::render {

// The bytes of a PNG file (8-bit RGB, without loss). Throws InvalidArgument if the picture has no pixels or their
// count does not match its sides.
std::vector<std::byte> encode_png(const Picture& picture);

// Writes a PNG file, whole or not at all. Throws as encode_png and write_atomically do.
void write_png(const std::filesystem::path& path, const Picture& picture);

// Reads a PNG file; transparent pixels are laid over black. Throws FileError if it is missing or no PNG file.
Picture read_png(const std::filesystem::path& path);

}  // namespace ludus::render
