#include "runs/tensorboard.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/crc32c.h"
#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;

// A second reader of event files, which checks every sum: (step, tag, value) of each scalar.
struct Scalar {
  std::int64_t step;
  std::string tag;
  float value;
  friend bool operator==(const Scalar&, const Scalar&) = default;
};

std::uint64_t varint(std::string_view data, std::size_t& at) {
  std::uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(data.at(at++));
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) return number;
  }
}

template <class F>
void each_field(std::string_view data, F&& visit) {
  for (std::size_t at = 0; at < data.size();) {
    const std::uint64_t tag = varint(data, at);
    std::uint64_t number = 0;
    std::string_view bytes;
    switch (tag & 7) {
      case 0: number = varint(data, at); break;
      case 1: bytes = data.substr(at, 8), at += 8; break;
      case 2: {
        const std::uint64_t size = varint(data, at);
        bytes = data.substr(at, size), at += size;
        break;
      }
      case 5: bytes = data.substr(at, 4), at += 4; break;
      default: FAIL() << "a wire type that events do not have";
    }
    visit(static_cast<int>(tag >> 3), number, bytes);
  }
}

std::vector<Scalar> read_events(const std::filesystem::path& path) {
  const std::string file = read_text(path);
  const auto mask = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; };
  std::vector<Scalar> scalars;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::uint32_t length_crc = 0, data_crc = 0;
    std::memcpy(&length, file.data() + at, 8);
    std::memcpy(&length_crc, file.data() + at + 8, 4);
    EXPECT_EQ(length_crc, mask(crc32c(std::string_view(file).substr(at, 8))));
    const std::string_view data = std::string_view(file).substr(at + 12, length);
    std::memcpy(&data_crc, file.data() + at + 12 + length, 4);
    EXPECT_EQ(data_crc, mask(crc32c(data)));
    at += 16 + length;

    std::int64_t step = 0;
    each_field(data, [&](int field, std::uint64_t number, std::string_view bytes) {
      if (field == 2) step = static_cast<std::int64_t>(number);
      if (field != 5) return;
      each_field(bytes, [&](int, std::uint64_t, std::string_view value) {
        Scalar scalar{step, "", 0};
        each_field(value, [&](int part, std::uint64_t, std::string_view content) {
          if (part == 1) scalar.tag = content;
          if (part == 2) std::memcpy(&scalar.value, content.data(), 4);
        });
        scalars.push_back(scalar);
      });
    });
  }
  return scalars;
}

TEST(TensorBoard, ScalarsAreReadBackAndCutBack) {
  const Scratch folder;
  std::filesystem::path file;
  {
    TensorBoardWriter writer(folder.path(), [] { return 1700000000.5; });
    writer.append(1000, {{"train/loss", 0.25}, {"rollout/ep_rew_mean", 20}});
    writer.append(300000, {{"train/loss", 0.125}});
    writer.flush();
    file = writer.path();
  }
  EXPECT_EQ(file.filename(), "events.out.tfevents.1700000000.ludus");
  const std::vector<Scalar> all{
      {1000, "rollout/ep_rew_mean", 20}, {1000, "train/loss", 0.25f}, {300000, "train/loss", 0.125f}};
  EXPECT_EQ(read_events(file), all);

  // a kill leaves a record half written
  const std::string whole = read_text(file);
  std::ofstream(file, std::ios::app | std::ios::binary) << whole.substr(0, 15);
  TensorBoardWriter again(folder.path(), [] { return 1800000000.0; });
  EXPECT_EQ(again.path(), file);
  EXPECT_EQ(again.rows(), 2);
  again.truncate_to(1);
  again.append(2000, {{"train/loss", 1}});
  again.flush();
  EXPECT_EQ(read_events(file), (std::vector<Scalar>{all[0], all[1], {2000, "train/loss", 1}}));
  EXPECT_THROW(again.truncate_to(9), FileError);
}

TEST(TensorBoard, ATemporaryFileOfAKilledProcessDoesNotCount) {
  const Scratch folder;
  std::ofstream(folder / "events.out.tfevents.1600000000.ludus.tmp4711") << "half";
  const TensorBoardWriter first(folder.path(), [] { return 1700000000.0; });
  EXPECT_EQ(first.path().filename(), "events.out.tfevents.1700000000.ludus");
  // of two finished files always the same
  std::filesystem::copy_file(first.path(), folder / "events.out.tfevents.1800000000.ludus");
  EXPECT_EQ(TensorBoardWriter(folder.path(), [] { return 1900000000.0; }).path(), first.path());
}

// Bytes that no kill can have left: the file is kept as it is, and named.
TEST(TensorBoard, ADamagedFileIsNotTruncated) {
  const Scratch folder;
  std::filesystem::path file;
  {
    TensorBoardWriter writer(folder.path(), [] { return 1700000000.5; });
    writer.append(1000, {{"train/loss", 0.25}});
    writer.flush();
    file = writer.path();
  }
  const std::string whole = read_text(file);
  for (const std::size_t place : {std::size_t{3}, std::size_t{9}, whole.size() - 7, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x10);
    std::ofstream(file, std::ios::binary) << damaged;
    EXPECT_THROW(TensorBoardWriter(folder.path(), [] { return 1800000000.0; }), FileError) << place;
    EXPECT_EQ(read_text(file), damaged);
  }
}

TEST(TensorBoard, TestReaderReadsPyTorchsFile) {
  // proves the test's reader, and with it the checksums, on a file that SummaryWriter wrote
  const char* folder = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path data = folder ? folder : std::filesystem::path(LUDUS_SOURCE_DIR) / "../shared/data";
  const auto sample = data / "formats/tfevents";
  if (!std::filesystem::exists(sample)) GTEST_SKIP() << "skipped: no data";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(sample)) {
    if (entry.path().filename().string().find("tfevents") == std::string::npos || entry.path().extension() == ".json")
      continue;
    EXPECT_GE(read_events(entry.path()).size(), 90u) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 0u);
}

}  // namespace
}  // namespace ludus::runs
