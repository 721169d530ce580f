// A scene as text for a terminal, where there is no display.
#pragma once

#include <string>

#include "envs/core/scene.h"

namespace ludus::render {

// The scene's own text where it has one; else its picture in at most `columns` x `rows` characters. Each character
// is an upper half block whose foreground and background (24-bit colour codes of ISO 8613-6) are two pixels, one
// above the other, so the world keeps its proportions on the usual cells twice as high as wide. Every line ends
// with the colours reset and a line end. Throws InvalidArgument if columns or rows are below 1, and as rasterise
// does.
std::string to_terminal(const envs::Scene& scene, int columns, int rows);

}  // namespace ludus::render
