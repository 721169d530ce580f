// Films of pictures: MP4 and GIF by the program ffmpeg, or one PNG picture.
#pragma once

#include <filesystem>
#include <memory>

#include "render/image.h"

namespace ludus::render {

// A film under way. The extension of the file chooses the format:
//   .mp4  H.264 in yuv420p with the index in front, which every browser and player shows. Sides must be even
//         there: an odd one is made even by repeating its last column or row.
//   .gif  an endless loop with a palette chosen for each picture, so flat colours come out exact up to 256 of
//         them. GIF knows no more than 50 pictures a second; beyond that, pictures are left out.
//   .png  one picture: the last one added.
// The film grows in a temporary file beside its target, which finish() renames over the target: a kill or an
// error leaves the target as it was.
class VideoWriter {
 public:
  // `fps`: pictures a second. Throws InvalidArgument for another extension or an fps outside 0 < fps <= 1000,
  // FileError if the folder is missing or cannot be written, ProgramMissing (an InputError) without ffmpeg.
  VideoWriter(std::filesystem::path path, double fps);

  // Drops the film if finish() was not reached.
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  // Adds a picture; the first sets the size. Throws InvalidArgument for a picture of another size or without
  // pixels, WorkError with ffmpeg's last words if it gave up.
  void add(const Picture& picture);

  // Completes the file. Throws InvalidArgument if there was no picture, WorkError as add() does.
  void finish();

  int pictures() const;  // added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ludus::render
