/// @file
/// The interface between wrappers and rendering. Environments draw scenes and do not depend on a rasteriser; wrappers
/// that need frames, videos or a window take these functions as arguments. render/env_sinks.h implements them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "envs/core/scene.h"

namespace ludus::envs {

/// Renders a scene to pixels: uint8 (height, width, 3), top row first.
using SceneRenderer = std::function<Array(const Scene&)>;

/// A video being recorded. Both functions throw WorkError on failure.
class VideoSink {
 public:
  virtual ~VideoSink() = default;  ///< an unfinished video leaves no file
  virtual void add(const Array& pixels) = 0;
  virtual void finish() = 0;
};
/// Starts a video file at `fps` frames per second; the extension chooses the format.
using VideoOpener = std::function<std::unique_ptr<VideoSink>(const std::filesystem::path& file, double fps)>;

/// Shows a frame, then waits for 1/fps seconds since the last.
using Screen = std::function<void(const Array& pixels, double fps)>;

/// Returns a scene that consists of these pixels.
Scene scene_of(Array pixels);

/// Tiles frames of one size row by row, `columns` per row, on a black background of (height, width) pixels, which must
/// hold them. Throws InvalidArgument if the sizes differ.
Array tiled(std::span<const Array> frames, std::size_t columns, std::int64_t height, std::int64_t width);

}  // namespace ludus::envs
