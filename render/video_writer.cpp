#include "render/video_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "render/png.h"
#include "render/program.h"

namespace ludus::render {
namespace {

constexpr double kMaxGifRate = 50;  // a GIF counts hundredths of a second, and browsers slow down below two

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

int even(int side) {
  return side + side % 2;
}

// Puts a finished file on the disk before its name points to it.
void sync_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw WorkError(formatted("cannot read back {}: {}", path.string(), std::strerror(errno)));
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (result != 0) throw WriteFailed(formatted("cannot write {}: {}", path.string(), std::strerror(error)));
}

}  // namespace

struct VideoWriter::State {
  std::filesystem::path path, temporary;
  std::string format;  // "mp4", "gif" or "png"
  double fps = 0;
  int frames = 0;
  int width = 0, height = 0;  // of the first image
  std::optional<Program> ffmpeg;
  Image last;  // of a PNG video

  ~State() {
    ffmpeg.reset();  // kills it, so that it writes nothing after this
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
  }

  void start(const Image& image) {
    width = image.width;
    height = image.height;
    std::vector<std::string> command = {"ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"};
    const auto add_all = [&](std::initializer_list<std::string> more) { command.insert(command.end(), more); };
    const bool mp4 = format == "mp4";
    const int video_width = mp4 ? even(width) : width, video_height = mp4 ? even(height) : height;
    add_all({"-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", formatted("{}x{}", video_width, video_height),
             "-framerate", std::to_string(fps), "-i", "pipe:0"});
    if (mp4) {
      // the colours are converted as the file says they are, so that players bring them back unchanged
      add_all({"-vf",
               "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p",
               "-c:v",
               "libx264",
               "-preset",
               "medium",
               "-crf",
               "17",
               "-tune",
               "animation",
               "-colorspace",
               "bt709",
               "-color_primaries",
               "bt709",
               "-color_trc",
               "bt709",
               "-color_range",
               "tv",
               "-movflags",
               "+faststart"});
    } else {
      // a palette for each image: one for the whole video would hold every image in memory
      const std::string rate = fps > kMaxGifRate ? formatted("fps={},", kMaxGifRate) : "";
      add_all({"-filter_complex",
               rate + "split[a][b];[a]palettegen=stats_mode=single:reserve_transparent=0[p];"
                      "[b][p]paletteuse=new=1:dither=none",
               "-loop", "0"});
    }
    // "file:" and a full path keep ffmpeg from reading a protocol or an option into the name
    add_all({"-f", format, "file:" + std::filesystem::absolute(temporary).string()});
    ffmpeg.emplace(command);
  }

  [[noreturn]] void fail() {
    const Program::Result result = ffmpeg->finish();
    ffmpeg.reset();
    throw WorkError(formatted("cannot record {}: ffmpeg stopped with \"{}\"", path.string(), last_line(result.errors)));
  }

  void send(const Image& image) {
    if (format == "gif" || (width % 2 == 0 && height % 2 == 0)) {
      if (!ffmpeg->write(std::as_bytes(std::span(image.rgb)))) fail();
      return;
    }
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
    std::vector<std::uint8_t> frame;
    for (int y = 0; y < even(height); ++y) {
      const std::uint8_t* row = image.rgb.data() + row_bytes * static_cast<std::size_t>(std::min(y, height - 1));
      frame.insert(frame.end(), row, row + row_bytes);
      if (width % 2 != 0) frame.insert(frame.end(), row + row_bytes - 3, row + row_bytes);
    }
    if (!ffmpeg->write(std::as_bytes(std::span(frame)))) fail();
  }
};

VideoWriter::VideoWriter(std::filesystem::path path, double fps) : state_(std::make_unique<State>()) {
  const std::string extension = lower_extension(path);
  if (extension != ".mp4" && extension != ".gif" && extension != ".png") {
    throw InvalidArgument(
        formatted("cannot record to {}: the name of a video must end in .mp4, .gif or .png", path.string()));
  }
  if (!(fps > 0 && fps <= 1000)) {
    throw InvalidArgument(formatted("a video must have above 0 and up to 1000 frames per second, got {}", fps));
  }

  // checked now, not after a long episode
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder)) {
    throw FileError(formatted("cannot record to {}: the folder {} does not exist; create it first", path.string(),
                              folder.string()));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw FileError(
        formatted("cannot record to {}: {}; choose a folder that can be written", path.string(), std::strerror(errno)));
  }
  if (std::filesystem::is_directory(path)) {
    throw FileError(formatted("cannot record to {}: it is a folder; give the name of a file", path.string()));
  }
  if (extension != ".png") require_program("ffmpeg", "to record a video");

  state_->format = extension.substr(1);
  state_->temporary = path;
  state_->temporary += ".tmp" + std::to_string(::getpid());
  state_->path = std::move(path);
  state_->fps = fps;
}

VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::add(const Image& image) {
  State& video = *state_;
  const auto pixels =
      static_cast<std::size_t>(std::max(image.width, 0)) * static_cast<std::size_t>(std::max(image.height, 0));
  const std::string size = formatted("{} x {}", image.width, image.height);
  if (pixels == 0 || image.rgb.size() != 3 * pixels) {
    throw InvalidArgument(
        formatted("an image of {} pixels with {} bytes cannot go into a video; give height x width x 3 bytes", size,
                  image.rgb.size()));
  }
  if (video.frames > 0 && (image.width != video.width || image.height != video.height)) {
    throw InvalidArgument(formatted("an image of {} pixels cannot go into a video of {} x {}; give all frames one size",
                                    size, video.width, video.height));
  }

  if (video.format == "png") {
    video.width = image.width;
    video.height = image.height;
    video.last = image;
  } else {
    if (video.frames == 0) video.start(image);
    if (!video.ffmpeg) throw WorkError(formatted("cannot record {}: the video has ended", video.path.string()));
    video.send(image);
  }
  ++video.frames;
}

void VideoWriter::finish() {
  State& video = *state_;
  if (video.frames == 0) {
    throw InvalidArgument(
        formatted("cannot record {}: no image was added; record at least one step", video.path.string()));
  }
  if (video.format == "png") {
    write_png(video.path, video.last);
    return;
  }
  if (!video.ffmpeg) throw WorkError(formatted("cannot record {}: the video has ended", video.path.string()));
  const Program::Result result = video.ffmpeg->finish();
  video.ffmpeg.reset();

  // ffmpeg 5 exits with 0 after some failed writes, but never without a complaint
  if (result.status != 0 || !result.errors.empty()) {
    throw WorkError(
        formatted("cannot record {}: ffmpeg stopped with \"{}\"", video.path.string(), last_line(result.errors)));
  }
  sync_file(video.temporary);
  std::error_code error;
  std::filesystem::rename(video.temporary, video.path, error);
  if (error)
    throw FileError(formatted("cannot record to {}: {}; choose another place", video.path.string(), error.message()));
}

int VideoWriter::frames() const {
  return state_->frames;
}

}  // namespace ludus::render
