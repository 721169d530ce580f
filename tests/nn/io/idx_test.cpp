#include "nn/io/idx.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::Scratch;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/io";

TEST(Idx, ReadsNumPysArrays) {
  for (const char* name : {"images.idx", "images.idx.gz"}) {
    const Array images = read_idx(kFiles / name);
    EXPECT_EQ(images.dtype(), DType::kUInt8);
    EXPECT_EQ(images.shape(), (Shape{3, 4, 5}));
    for (std::size_t i = 0; i < images.size(); ++i) EXPECT_EQ(images.get(i), static_cast<double>(i));
  }
  EXPECT_EQ(read_idx(kFiles / "labels.idx"), Array::of<std::uint8_t>({7, 0, 9}));
}

TEST(Idx, ReadsAndWritesEveryType) {
  const Scratch folder;
  const std::vector<std::pair<int, DType>> types{
      {9, DType::kInt8}, {11, DType::kInt16}, {12, DType::kInt32}, {13, DType::kFloat32}, {14, DType::kFloat64}};
  for (const auto& [code, dtype] : types) {
    const auto file = kFiles / ("type" + std::to_string(code) + ".idx");
    const Array array = read_idx(file);
    EXPECT_EQ(array.dtype(), dtype);
    EXPECT_EQ(array, Array::of<double>({-2, -1, 0, 100}).cast(dtype));
    write_idx(folder / "copy", array);
    EXPECT_EQ(read_text(folder / "copy"), read_text(file));
    write_idx(folder / "packed", array, Compression::kGzip);
    EXPECT_EQ(read_idx(folder / "packed"), array);
  }
  EXPECT_THROW(write_idx(folder / "wide", Array::of<std::int64_t>({1})), InvalidArgument);
}

TEST(Idx, RowsAreReadOneByOne) {
  ArrayStream stream = open_idx(kFiles / "images.idx.gz");
  EXPECT_EQ(stream.rows(), 3u);
  EXPECT_EQ(stream.row_shape(), (Shape{4, 5}));
  EXPECT_EQ(stream.skip(1), 1u);
  Array row;
  ASSERT_TRUE(stream.next(row));
  EXPECT_EQ(row.get(0), 20);
  ASSERT_TRUE(stream.next(row));
  EXPECT_EQ(row.get(19), 59);
  EXPECT_FALSE(stream.next(row));
  EXPECT_EQ(stream.skip(1), 0u);
}

std::string message_of(const std::string& bytes) {
  try {
    read_idx(open_memory(bytes, "file.idx"));
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

TEST(Idx, DamagedFilesThrowOneSentence) {
  const std::string file = read_text(kFiles / "images.idx");
  for (std::size_t size = 0; size < file.size(); ++size) EXPECT_NE(message_of(file.substr(0, size)), "") << size;
  EXPECT_NE(message_of(file + "x").find("bytes follow"), std::string::npos);
  EXPECT_NE(message_of("PNG?" + file).find("not an IDX file"), std::string::npos);

  // 20 bytes that claim 10^18 elements, plain and compressed; the product of the second is 2^96
  const std::string large = std::string("\0\0\x08\x02\x3b\x9a\xca\x00\x3b\x9a\xca\x00", 12) + std::string(8, 'x');
  EXPECT_NE(message_of(large).find("(1000000000, 1000000000)"), std::string::npos);
  EXPECT_NE(message_of(compressed(large, Compression::kGzip)).find("truncated"), std::string::npos);
  const std::string beyond = std::string("\0\0\x0e\x03", 4) + std::string(12, '\xff');
  EXPECT_NE(message_of(beyond).find("no memory can hold"), std::string::npos);
  const std::string deep = std::string("\0\0\x08\x09", 4) + std::string(36, '\0');
  EXPECT_NE(message_of(deep).find("9 dimensions"), std::string::npos);
}

TEST(Idx, MnistIsRead) {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder =
      (data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data") / "mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  std::filesystem::path images, labels;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("train-images")) images = entry.path();
    if (name.starts_with("train-labels")) labels = entry.path();
  }
  const Array pixels = read_idx(images);
  EXPECT_EQ(pixels.shape(), (Shape{60000, 28, 28}));
  std::uint64_t sum = 0;
  for (const std::uint8_t pixel : pixels.data<std::uint8_t>()) sum += pixel;
  EXPECT_NEAR(static_cast<double>(sum) / 255 / 60000 / 784, 0.13066, 0.00001);  // of the README of the data
  const Array digits = read_idx(labels);
  EXPECT_EQ(digits.shape(), (Shape{60000}));
  const std::vector<double> first{5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(digits.get(i), first[i]);
}

}  // namespace
}  // namespace ludus::io
