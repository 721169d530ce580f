// Where environments meet pixels. Environments draw scenes and know of no rasteriser, so the wrappers that need pictures,
// films or a window are given what makes them; render/env_sinks.h has it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "envs/core/scene.h"

namespace ludus::envs {

// The pixels of a scene: uint8 (height, width, 3), top row first.
using Painter = std::function<Array(const Scene&)>;

// A film under way. Both functions throw a WorkError when the work fails.
class FilmWriter {
 public:
  virtual ~FilmWriter() = default;  // a film that is not finished leaves no file
  virtual void add(const Array& pixels) = 0;
  virtual void finish() = 0;
};
// Begins a film in that file (the extension says of which kind), of so many pictures a second.
using VideoOpener = std::function<std::unique_ptr<FilmWriter>(const std::filesystem::path& file, double fps)>;

// Shows a picture and waits until the next is due, of so many a second.
using Screen = std::function<void(const Array& pixels, double fps)>;

// A scene that is these pixels.
Scene scene_of(Array pixels);

// Pictures of one size side by side, row by row, `columns` in a row, on a black ground of (height, width) pixels that has
// room for them. Throws InvalidArgument if their sizes differ.
Array tiled(std::span<const Array> pictures, std::size_t columns, std::int64_t height, std::int64_t width);

}  // namespace ludus::envs
