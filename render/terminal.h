/// @file
/// Rendering to a terminal.
#pragma once

#include <string>

#include "envs/core/scene.h"

namespace ludus::render {

/// Returns the scene's text if it has one, otherwise its image in at most `columns` x `rows` characters. Each character
/// is an upper half block with two pixels, one above the other, as its foreground and background (24-bit colour codes
/// of ISO 8613-6), which keeps the aspect ratio on cells twice as high as wide. Every line ends with a colour reset.
/// Throws InvalidArgument if columns or rows are below 1, and as rasterise().
std::string to_terminal(const envs::Scene& scene, int columns, int rows);

}  // namespace ludus::render
