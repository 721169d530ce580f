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
  if (file < 0) throw WorkError("cannot read back " + path.string() + ": " + std::strerror(errno));
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (result != 0) throw WriteFailed("cannot write " + path.string() + ": " + std::strerror(error));
}

}  // namespace

struct VideoWriter::State {
  std::filesystem::path path, temporary;
  std::string format;  // "mp4", "gif" or "png"
  double fps = 0;
  int pictures = 0;
  int width = 0, height = 0;  // of the first picture
  std::optional<Program> ffmpeg;
  Picture last;  // of a PNG film

  ~State() {
    ffmpeg.reset();  // kills it, so that it writes nothing after this
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
  }

  void start(const Picture& picture) {
    width = picture.width;
    height = picture.height;
    std::vector<std::string> command = {"ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"};
    const auto add_all = [&](std::initializer_list<std::string> more) { command.insert(command.end(), more); };
    const bool mp4 = format == "mp4";
    const int film_width = mp4 ? even(width) : width, film_height = mp4 ? even(height) : height;
    add_all({"-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size",
             std::to_string(film_width) + "x" + std::to_string(film_height), "-framerate", std::to_string(fps), "-i",
             "pipe:0"});
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
      // a palette for each picture: one for the whole film would hold every picture in memory
      const std::string rate = fps > kMaxGifRate ? "fps=" + std::to_string(kMaxGifRate) + "," : "";
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
    throw WorkError("cannot record " + path.string() + ": ffmpeg stopped with \"" + last_line(result.errors) + "\"");
  }

  void send(const Picture& picture) {
    if (format == "gif" || (width % 2 == 0 && height % 2 == 0)) {
      if (!ffmpeg->write(std::as_bytes(std::span(picture.rgb)))) fail();
      return;
    }
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
    std::vector<std::uint8_t> frame;
    for (int y = 0; y < even(height); ++y) {
      const std::uint8_t* row = picture.rgb.data() + row_bytes * static_cast<std::size_t>(std::min(y, height - 1));
      frame.insert(frame.end(), row, row + row_bytes);
      if (width % 2 != 0) frame.insert(frame.end(), row + row_bytes - 3, row + row_bytes);
    }
    if (!ffmpeg->write(std::as_bytes(std::span(frame)))) fail();
  }
};

VideoWriter::VideoWriter(std::filesystem::path path, double fps) : state_(std::make_unique<State>()) {
  const std::string extension = lower_extension(path);
  if (extension != ".mp4" && extension != ".gif" && extension != ".png") {
    throw InvalidArgument("cannot record to " + path.string() + ": the name of a film ends in .mp4, .gif or .png");
  }
  if (!(fps > 0 && fps <= 1000)) {
    throw InvalidArgument("a film of " + std::to_string(fps) +
                          " pictures a second was asked for; give a rate above 0 and up to 1000");
  }

  // found out now, and not after a long episode
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder)) {
    throw FileError("cannot record to " + path.string() + ": there is no folder " + folder.string() +
                    "; make it first");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw FileError("cannot record to " + path.string() + ": " + std::strerror(errno) +
                    "; choose a folder that can be written");
  }
  if (std::filesystem::is_directory(path)) {
    throw FileError("cannot record to " + path.string() + ": it is a folder; give the name of a file");
  }
  if (extension != ".png") require_program("ffmpeg", "to record a film");

  state_->format = extension.substr(1);
  state_->temporary = path;
  state_->temporary += ".tmp" + std::to_string(::getpid());
  state_->path = std::move(path);
  state_->fps = fps;
}

VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::add(const Picture& picture) {
  State& film = *state_;
  const auto pixels =
      static_cast<std::size_t>(std::max(picture.width, 0)) * static_cast<std::size_t>(std::max(picture.height, 0));
  const std::string size = std::to_string(picture.width) + " x " + std::to_string(picture.height);
  if (pixels == 0 || picture.rgb.size() != 3 * pixels) {
    throw InvalidArgument("a picture of " + size + " pixels with " + std::to_string(picture.rgb.size()) +
                          " bytes cannot go into a film; give height x width x 3 bytes");
  }
  if (film.pictures > 0 && (picture.width != film.width || picture.height != film.height)) {
    throw InvalidArgument("a picture of " + size + " pixels cannot go into a film of " + std::to_string(film.width) +
                          " x " + std::to_string(film.height) + "; give all pictures one size");
  }

  if (film.format == "png") {
    film.width = picture.width;
    film.height = picture.height;
    film.last = picture;
  } else {
    if (film.pictures == 0) film.start(picture);
    if (!film.ffmpeg) throw WorkError("cannot record " + film.path.string() + ": the film has ended");
    film.send(picture);
  }
  ++film.pictures;
}

void VideoWriter::finish() {
  State& film = *state_;
  if (film.pictures == 0) {
    throw InvalidArgument("cannot record " + film.path.string() + ": no picture was added; record at least one step");
  }
  if (film.format == "png") {
    write_png(film.path, film.last);
    return;
  }
  if (!film.ffmpeg) throw WorkError("cannot record " + film.path.string() + ": the film has ended");
  const Program::Result result = film.ffmpeg->finish();
  film.ffmpeg.reset();

  // ffmpeg 5 exits with 0 after some failed writes, but never without a complaint
  if (result.status != 0 || !result.errors.empty()) {
    throw WorkError("cannot record " + film.path.string() + ": ffmpeg stopped with \"" + last_line(result.errors) +
                    "\"");
  }
  sync_file(film.temporary);
  std::error_code error;
  std::filesystem::rename(film.temporary, film.path, error);
  if (error)
    throw FileError("cannot record to " + film.path.string() + ": " + error.message() + "; choose another place");
}

int VideoWriter::pictures() const {
  return state_->pictures;
}

}  // namespace ludus::render
