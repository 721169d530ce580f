#include "render/video_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "render/png.h"
#include "render/program.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

using envs::Color;

Image plain(int width, int height, Color color) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i) image.rgb.insert(image.rgb.end(), {color.red, color.green, color.blue});
  return image;
}

// One value of ffprobe about the video's only stream.
std::string probe(const std::filesystem::path& path, const std::string& entry) {
  const std::string text = Program({"ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=" + entry,
                                    "-of", "default=noprint_wrappers=1:nokey=1", path.string()})
                               .finish()
                               .output;
  return text.substr(0, text.find('\n'));
}

// All frames of a video, as ffmpeg reads them.
std::vector<Image> decoded(const std::filesystem::path& path, int width, int height) {
  const std::string bytes =
      Program({"ffmpeg", "-nostdin", "-v", "error", "-i", path.string(), "-fps_mode", "passthrough", "-f", "rawvideo",
               "-pix_fmt", "rgb24", "-sws_flags", "accurate_rnd", "pipe:1"})
          .finish()
          .output;
  const std::size_t size = 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  EXPECT_EQ(bytes.size() % size, 0u);
  std::vector<Image> frames;
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    frames.push_back(
        {width,
         height,
         {bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + size)}});
  }
  return frames;
}

void expect_near(Color a, Color b, int tolerance) {
  EXPECT_NEAR(a.red, b.red, tolerance);
  EXPECT_NEAR(a.green, b.green, tolerance);
  EXPECT_NEAR(a.blue, b.blue, tolerance);
}

// What the failure says, and nothing of the video may be left in the folder.
template <class Work>
std::string failure(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no failure";
}

std::size_t files_in(const Folder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++count;
  return count;
}

const std::vector<Color> kColors = {{202, 152, 101, 255}, {0, 0, 255, 255}, {250, 250, 250, 255},
                                    {129, 132, 203, 255}, {255, 0, 0, 255}, {0, 128, 0, 255}};

TEST(VideoWriter, Mp4HoldsTheFramesInAPortableFormat) {
  const Folder folder;
  VideoWriter video(folder / "a.mp4", 25);
  for (const Color color : kColors) video.add(plain(64, 48, color));
  EXPECT_EQ(video.frames(), 6);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.mp4"));  // not before it is whole
  video.finish();
  EXPECT_EQ(files_in(folder), 1u);

  EXPECT_EQ(probe(folder / "a.mp4", "codec_name"), "h264");
  EXPECT_EQ(probe(folder / "a.mp4", "pix_fmt"), "yuv420p");
  EXPECT_EQ(probe(folder / "a.mp4", "width"), "64");
  EXPECT_EQ(probe(folder / "a.mp4", "height"), "48");
  EXPECT_EQ(probe(folder / "a.mp4", "nb_read_frames"), "6");
  EXPECT_EQ(probe(folder / "a.mp4", "avg_frame_rate"), "25/1");
  const std::string bytes = read_text(folder / "a.mp4");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));  // the index in front, for browsers

  const std::vector<Image> frames = decoded(folder / "a.mp4", 64, 48);
  ASSERT_EQ(frames.size(), kColors.size());
  for (std::size_t i = 0; i < kColors.size(); ++i) expect_near(frames[i].at(32, 24), kColors[i], 6);
}

TEST(VideoWriter, Mp4MakesOddSidesEven) {
  const Folder folder;
  VideoWriter video(folder / "a.mp4", 30);
  for (int i = 0; i < 3; ++i) video.add(plain(33, 21, {200, 100, 50, 255}));
  video.finish();
  EXPECT_EQ(probe(folder / "a.mp4", "width"), "34");
  EXPECT_EQ(probe(folder / "a.mp4", "height"), "22");
  const std::vector<Image> frames = decoded(folder / "a.mp4", 34, 22);
  ASSERT_EQ(frames.size(), 3u);
  expect_near(frames[2].at(33, 21), {200, 100, 50, 255}, 6);  // no black edge
}

TEST(VideoWriter, GifKeepsFlatColoursExactly) {
  const Folder folder;
  VideoWriter video(folder / "a.gif", 20);
  for (const Color color : kColors) video.add(plain(31, 17, color));
  video.finish();
  EXPECT_EQ(probe(folder / "a.gif", "codec_name"), "gif");
  EXPECT_EQ(probe(folder / "a.gif", "nb_read_frames"), "6");
  const std::vector<Image> frames = decoded(folder / "a.gif", 31, 17);
  ASSERT_EQ(frames.size(), kColors.size());
  for (std::size_t i = 0; i < kColors.size(); ++i) EXPECT_EQ(frames[i].at(15, 8), kColors[i]) << i;
}

// 100 frames a second become 50: a tenth of a second stays a tenth.
TEST(VideoWriter, GifDropsFramesAbove50PerSecond) {
  const Folder folder;
  VideoWriter video(folder / "a.gif", 100);
  for (int i = 0; i < 10; ++i) video.add(plain(8, 8, kColors[static_cast<std::size_t>(i) % 2]));
  video.finish();
  EXPECT_EQ(probe(folder / "a.gif", "nb_read_frames"), "5");
}

TEST(VideoWriter, PngIsTheLastFrame) {
  const Folder folder;
  VideoWriter video(folder / "a.PNG", 30);
  for (const Color color : kColors) video.add(plain(9, 7, color));
  video.finish();
  EXPECT_EQ(read_png(folder / "a.PNG"), plain(9, 7, kColors.back()));
  EXPECT_EQ(files_in(folder), 1u);
}

// Names that a shell, an option parser or a protocol would read something into.
TEST(VideoWriter, FileNamesAreNotInterpreted) {
  const Folder folder;
  for (const char* name : {"-y.mp4", "a b;c.mp4", "http:x.gif", "%03d.gif", "$(date)'\".mp4"}) {
    VideoWriter video(folder / name, 30);
    video.add(plain(16, 16, kColors[0]));
    video.finish();
    EXPECT_TRUE(std::filesystem::is_regular_file(folder / name)) << name;
  }
  EXPECT_EQ(files_in(folder), 5u);
}

TEST(VideoWriter, UnfinishedVideoLeavesTheOldFile) {
  const Folder folder;
  write_atomically(folder / "a.mp4", "old");
  {
    VideoWriter video(folder / "a.mp4", 30);
    for (int i = 0; i < 5; ++i) video.add(plain(16, 16, kColors[0]));
  }
  EXPECT_EQ(read_text(folder / "a.mp4"), "old");
  EXPECT_EQ(files_in(folder), 1u);

  VideoWriter video(folder / "a.mp4", 30);
  video.add(plain(16, 16, kColors[0]));
  video.finish();
  EXPECT_EQ(probe(folder / "a.mp4", "nb_read_frames"), "1");
}

TEST(VideoWriter, UnknownExtensionListsTheKnownOnes) {
  const Folder folder;
  for (const char* name : {"a.avi", "a", "mp4", ".mp4", "a.mp4.txt"}) {
    const std::string said = failure([&] { VideoWriter(folder / name, 30); });
    EXPECT_NE(said.find(".mp4, .gif or .png"), std::string::npos) << name << ": " << said;
  }
  EXPECT_THROW(VideoWriter(folder / "a.avi", 30), InvalidArgument);
}

TEST(VideoWriter, RejectsInvalidRatesFoldersAndImages) {
  const Folder folder;
  EXPECT_THROW(VideoWriter(folder / "a.mp4", 0), InvalidArgument);
  EXPECT_THROW(VideoWriter(folder / "a.mp4", -1), InvalidArgument);
  EXPECT_THROW(VideoWriter(folder / "a.mp4", std::nan("")), InvalidArgument);
  EXPECT_THROW(VideoWriter(folder / "none/a.mp4", 30), FileError);
  std::filesystem::create_directory(folder / "folder.mp4");
  EXPECT_THROW(VideoWriter(folder / "folder.mp4", 30), FileError);

  VideoWriter video(folder / "a.mp4", 30);
  EXPECT_THROW(video.finish(), InvalidArgument);  // no image
  EXPECT_THROW(video.add({}), InvalidArgument);
  EXPECT_THROW(video.add({4, 4, std::vector<std::uint8_t>(47)}), InvalidArgument);
  video.add(plain(16, 16, kColors[0]));
  EXPECT_THROW(video.add(plain(16, 18, kColors[0])), InvalidArgument);
  video.add(plain(16, 16, kColors[0]));
  video.finish();
  EXPECT_EQ(probe(folder / "a.mp4", "nb_read_frames"), "2");
  EXPECT_THROW(video.add(plain(16, 16, kColors[0])), WorkError);  // it has ended
  EXPECT_THROW(video.finish(), WorkError);
}

TEST(VideoWriter, MissingFfmpegSuggestsThePackage) {
  const Folder folder, empty;
  const Variable path("PATH", empty.path().c_str());
  const std::string said = failure([&] { VideoWriter(folder / "a.mp4", 30); });
  EXPECT_NE(said.find("apt-get install ffmpeg"), std::string::npos) << said;
  EXPECT_THROW(VideoWriter(folder / "a.gif", 30), InputError);

  VideoWriter video(folder / "a.png", 30);  // an image needs no ffmpeg
  video.add(plain(4, 4, kColors[0]));
  video.finish();
  EXPECT_TRUE(std::filesystem::exists(folder / "a.png"));
}

// A program in ffmpeg's place that fails at once, in the middle or at the end, as on a full disk.
TEST(VideoWriter, ReportsFfmpegsLastLine) {
  for (const char* script : {"echo 'Error writing: No space left' >&2; exit 1",
                             "head -c 5000 >/dev/null; echo 'Error writing: No space left' >&2; exit 1",
                             "cat >/dev/null; echo 'Error writing: No space left' >&2; exit 1",
                             "cat >/dev/null; echo 'Error writing: No space left' >&2; exit 0"}) {
    const Folder folder, programs;
    programs.add_program("ffmpeg", script);
    const Variable path("PATH", (programs.path().string() + ":" + std::getenv("PATH")).c_str());
    write_atomically(folder / "a.mp4", "old");
    const std::string said = failure([&] {
      VideoWriter video(folder / "a.mp4", 30);
      for (int i = 0; i < 50; ++i) video.add(plain(64, 64, kColors[0]));
      video.finish();
    });
    EXPECT_NE(said.find("Error writing: No space left"), std::string::npos) << said;
    EXPECT_EQ(read_text(folder / "a.mp4"), "old");
    EXPECT_EQ(files_in(folder), 1u);
  }
}

}  // namespace
}  // namespace ludus::render
