/// @file
/// Video files: MP4 and GIF by the program ffmpeg, or one PNG image.
#pragma once

#include <filesystem>
#include <memory>

#include "render/image.h"

namespace ludus::render {

/// Writes a video. The file's extension chooses the format:
///
///   .mp4  H.264 in yuv420p with the index in front, which every browser and player supports. The format needs even
///         sides: the last column or row of an odd side is repeated.
///   .gif  an endless loop with a palette per frame, exact for up to 256 flat colours. Above 50 frames per second, the
///         limit of GIF, frames are dropped.
///   .png  one image: the last frame added.
///
/// The video is written to a temporary file in the target's folder, which finish() renames to the target: a kill or an
/// error leaves the target unchanged.
class VideoWriter {
 public:
  /// `fps`: frames per second. Throws InvalidArgument for another extension or an fps outside 0 < fps <= 1000,
  /// FileError if the folder is missing or cannot be written, ProgramMissing (an InputError) without ffmpeg.
  VideoWriter(std::filesystem::path path, double fps);

  /// Discards the video unless it was finished.
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  /// Adds a frame; the first sets the size. Throws InvalidArgument for a frame of another size or without pixels,
  /// WorkError with ffmpeg's last line of output if it failed.
  void add(const Image& image);

  /// Completes the file. Throws InvalidArgument without frames, WorkError as add().
  void finish();

  int frames() const;  ///< added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ludus::render
