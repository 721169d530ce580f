#include "nn/io/image_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/file.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::difference;
using test_support::expected;
using test_support::kVisionFiles;
using test_support::Scratch;

std::string message_of(const std::string& bytes) {
  try {
    decode_image(bytes, "file");
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

TEST(ImageFile, ReadsJpegFilesAsPilDoes) {
  for (const char* name : {"color.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"}) {
    const Array image = read_image(kVisionFiles / name);
    EXPECT_EQ(image.dtype(), DType::kUInt8);
    EXPECT_LE(difference(image, expected(name)), 1) << name;
  }
}

TEST(ImageFile, ReadsEveryKindOfPngExactly) {
  for (const char* name : {"grey8.png", "grey_alpha8.png", "rgb8.png", "rgba8.png", "grey16.png", "rgb16.png",
                           "rgba16.png", "interlaced.png", "palette.png", "palette_alpha.png", "one_bit.png"}) {
    EXPECT_EQ(read_image(kVisionFiles / name), expected(name)) << name;
  }
}

TEST(ImageFile, AppliesTheOrientationOfExif) {
  for (const char* turns : {"2", "3", "4", "5", "6", "7", "8"}) {
    const std::string name = std::string("orientation_") + turns + ".jpg";
    EXPECT_LE(difference(read_image(kVisionFiles / name), expected(name)), 1) << name;
    EXPECT_EQ(read_image(kVisionFiles / name, {.orient = false}).shape(), (Shape{8, 12, 3}));
  }
  EXPECT_EQ(read_image(kVisionFiles / "oriented.png"), expected("oriented.png"));
  EXPECT_EQ(read_image(kVisionFiles / "oriented.png", {.orient = false}), expected("rgb"));
}

TEST(ImageFile, PngFilesWrittenHereAreReadBack) {
  const Scratch folder;
  for (const char* name : {"grey8.png", "grey_alpha8.png", "rgb8.png", "rgba8.png", "rgba16.png"}) {
    const Array image = expected(name);
    write_image(folder / "copy.PNG", image);
    EXPECT_EQ(read_image(folder / "copy.PNG"), image) << name;
  }
}

TEST(ImageFile, JpegFilesWrittenHereAreCloseToTheImage) {
  // a smooth image, so that the loss of compression is small
  Array image(DType::kUInt8, Shape{40, 60, 3});
  for (std::size_t i = 0; i < image.size(); ++i) image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 180 * 5);
  EXPECT_LE(difference(decode_image(encode_jpeg(image, 95)), image), 3);
  EXPECT_LT(encode_jpeg(image, 10).size(), encode_jpeg(image, 95).size());
  const Array grey = expected("grey");
  EXPECT_LE(difference(decode_image(encode_jpeg(grey, 100)), grey), 3);
}

TEST(ImageFile, TruncatedFilesThrowOneSentence) {
  for (const char* name : {"color.jpg", "progressive.jpg", "rgb8.png", "interlaced.png", "palette.png"}) {
    const std::string file = read_text(kVisionFiles / name);
    for (std::size_t size = 0; size + 2 < file.size(); ++size) {
      const std::string message = message_of(file.substr(0, size));
      ASSERT_NE(message, "") << name << " of " << size << " bytes";
      EXPECT_EQ(message.find('\n'), std::string::npos);
    }
  }
}

TEST(ImageFile, ChangedBytesAreAnImageOrOneSentence) {
  for (const char* name : {"color.jpg", "progressive.jpg", "palette_alpha.png", "orientation_6.jpg", "oriented.png"}) {
    const std::string file = read_text(kVisionFiles / name);
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string changed = file;
      changed[i] ^= 0x5A;
      message_of(changed);
    }
  }
}

// Sets the size that a file claims.
std::string with_size(std::string file, bool png, std::uint32_t width, std::uint32_t height) {
  const auto put = [&](std::size_t at, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) file[at + i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  };
  if (png) {
    put(16, width, 4);
    put(20, height, 4);
    return file;
  }
  const std::size_t frame = file.find("\xFF\xC0");
  put(frame + 5, height, 2);
  put(frame + 7, width, 2);
  return file;
}

TEST(ImageFile, GiantAndLyingFilesAreRefusedWithoutTheMemoryThatTheyClaim) {
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const std::string jpeg = read_text(kVisionFiles / "color.jpg");
  EXPECT_NE(message_of(with_size(jpeg, false, 65000, 65000)).find("may have up to 128000000 pixels"),
            std::string::npos);
  EXPECT_NE(message_of(with_size(jpeg, false, 10000, 10000)).find("cannot hold"), std::string::npos);
  // PNG headers have a checksum: the file is made with a right one
  const auto png = [](std::uint32_t width, std::uint32_t height) {
    Array line(DType::kUInt8, Shape{1, 1, 3});
    std::string file = with_size(encode_png(line), true, width, height);
    const std::string header = file.substr(12, 17);
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : header) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
    }
    crc = ~crc;
    for (std::size_t i = 0; i < 4; ++i) file[29 + i] = static_cast<char>(crc >> (8 * (3 - i)));
    return file;
  };
  EXPECT_NE(message_of(png(100000, 100000)).find("100000 x 100000"), std::string::npos);
  EXPECT_NE(message_of(png(10000, 10000)).find("cannot hold"), std::string::npos);
  EXPECT_NE(message_of(png(0, 5)), "");
  EXPECT_NE(message_of(png(2, 2)).find("cannot be read"), std::string::npos);
  // a chunk that claims 2 GB, in front of the image data and behind it
  const std::string small = read_text(kVisionFiles / "grey8.png");
  const std::string lie("\x7F\xFF\xFF\0eXIfMM\0*\0\0\0\x08", 16);
  for (const std::size_t at : {std::size_t{33}, small.size() - 12}) {
    EXPECT_NE(message_of(small.substr(0, at) + lie + small.substr(at)).find("truncated"), std::string::npos) << at;
  }
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024) << "KiB";
}

TEST(ImageFile, OtherFilesAndPathsThrow) {
  const Scratch folder;
  EXPECT_NE(message_of("").find("JPEG or PNG"), std::string::npos);
  EXPECT_NE(message_of("GIF89a").find("file:"), std::string::npos);
  EXPECT_THROW(read_image(folder / "none.png"), FileError);
  const Array image(DType::kUInt8, Shape{2, 2, 3});
  EXPECT_THROW(write_image(folder / "image.gif", image), InvalidArgument);
  EXPECT_THROW(encode_jpeg(image, 0), InvalidArgument);
  EXPECT_THROW(encode_jpeg(Array(DType::kUInt8, Shape{2, 2, 4})), InvalidArgument);
  EXPECT_THROW(encode_png(Array(DType::kFloat32, Shape{2, 2, 3})), InvalidArgument);
  EXPECT_THROW(encode_png(Array(DType::kUInt8, Shape{2, 2})), InvalidArgument);
  EXPECT_THROW(encode_png(Array(DType::kUInt8, Shape{0, 2, 1})), InvalidArgument);
}

}  // namespace
}  // namespace ludus::io
