#include "nn/io/byte_stream.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::Scratch;

std::string long_text() {
  std::string text;
  for (std::uint32_t i = 0; i < 300000; ++i) text.push_back(static_cast<char>((i * i) >> 3));
  return text;
}

TEST(ByteStream, CompressedFormsAreReadBack) {
  const std::string text = long_text();
  for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZlib}) {
    const std::string stored = compressed(text, compression);
    EXPECT_EQ(read_rest(*open_memory(stored, "text", compression)), text);
    if (compression == Compression::kZlib) continue;  // zlib data cannot be told from others
    EXPECT_EQ(read_rest(*open_memory(stored, "text", Compression::kAuto)), text);
  }
  const std::string raw = deflated(text);
  EXPECT_EQ(read_rest(*inflated(open_memory(raw, "text", Compression::kNone))), text);
}

TEST(ByteStream, GzipMembersAreJoined) {
  const std::string stored = compressed("first ", Compression::kGzip) + compressed("second", Compression::kGzip);
  EXPECT_EQ(read_rest(*open_memory(stored, "text")), "first second");
}

TEST(ByteStream, SkippingEqualsReading) {
  const Scratch folder;
  const std::string text = long_text();
  write_atomically(folder / "plain", text);
  write_atomically(folder / "packed", compressed(text, Compression::kGzip));
  for (const char* name : {"plain", "packed"}) {
    const ByteStreamPtr stream = open_file(folder / name);
    EXPECT_EQ(stream->skip(2), 2u);  // inside the bytes that were read to detect gzip
    EXPECT_EQ(stream->skip(270000), 270000u);
    EXPECT_EQ(read_rest(*stream), text.substr(270002)) << name;
    EXPECT_EQ(stream->skip(5), 0u);
  }
  EXPECT_EQ(*open_file(folder / "plain")->remaining(), text.size());
  EXPECT_FALSE(open_file(folder / "packed")->remaining());
  EXPECT_EQ(read_rest(*open_part_of_file(folder / "plain", 7, 100)), text.substr(7, 100));
  EXPECT_THROW(open_part_of_file(folder / "plain", 7, text.size()), FileError);
}

TEST(ByteStream, DamagedDataThrow) {
  const std::string stored = compressed(long_text(), Compression::kGzip);
  EXPECT_THROW(read_rest(*open_memory(std::string_view(stored).substr(0, stored.size() / 2), "text")), FileError);
  std::string changed = stored;
  changed[stored.size() - 6] ^= 1;  // of the checksum
  EXPECT_THROW(read_rest(*open_memory(changed, "text")), FileError);
  const std::string followed = stored + "more";
  EXPECT_THROW(read_rest(*open_memory(followed, "text")), FileError);
  EXPECT_THROW(open_file("/nowhere/file"), FileError);
  EXPECT_THROW(open_file("/"), FileError);
}

TEST(ByteStream, ClaimsDoNotTakeMemory) {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 60;
  EXPECT_THROW(read_claimed(*open_memory("short", "text"), kHuge, "a claim"), FileError);
  const std::string stored = compressed("short", Compression::kGzip);
  EXPECT_THROW(read_claimed(*open_memory(stored, "text"), kHuge, "a claim"), FileError);
}

}  // namespace
}  // namespace ludus::io
