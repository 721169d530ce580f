#include "nn/io/tfrecord.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/protobuf.h"
#include "nn/io/tf_example.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::Scratch;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/io";

std::vector<std::string> records_of(TfRecordReader reader) {
  std::vector<std::string> records;
  std::string_view record;
  while (reader.next(record)) records.emplace_back(record);
  return records;
}

TEST(TfRecord, ReadsFilesOfAnIndependentWriter) {
  const std::vector<std::string> records = records_of(TfRecordReader(kFiles / "examples.tfrecord"));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records_of(TfRecordReader(kFiles / "examples.tfrecord.gz")), records);
  EXPECT_EQ(records_of(TfRecordReader(kFiles / "examples.tfrecord.zlib", Compression::kZlib)), records);
  for (std::size_t i = 0; i < 4; ++i) {
    const TfExample example = parse_tf_example(records[i]);
    ASSERT_EQ(example.size(), 4u);
    EXPECT_EQ(example[0].first, "image");
    EXPECT_EQ(std::get<BytesList>(example[0].second)[0].size(), 16u);
    EXPECT_EQ(std::get<Int64List>(example[1].second), Int64List{static_cast<std::int64_t>(i) - 1});
    EXPECT_EQ(std::get<FloatList>(example[2].second), (FloatList{0.5f * static_cast<float>(i), -1}));
    EXPECT_EQ(std::get<BytesList>(example[3].second), (BytesList{"a", std::string(i, 'b')}));
  }
}

// The packed half is written as that writer wrote it, byte for byte.
TEST(TfRecord, WritesWhatTheIndependentWriterWrote) {
  const Scratch folder;
  const std::vector<std::string> records = records_of(TfRecordReader(kFiles / "examples.tfrecord"));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(to_tf_example(parse_tf_example(records[i])), records[i]);
  {
    TfRecordWriter writer(folder / "copy");
    for (const std::string& record : records) writer.write(record);
    writer.close();
    EXPECT_THROW(writer.write("more"), InvalidArgument);
  }
  EXPECT_EQ(read_text(folder / "copy"), read_text(kFiles / "examples.tfrecord"));
}

TEST(TfRecord, RecordsOfAllSizesAreReadBack) {
  const Scratch folder;
  std::vector<std::string> records;
  // 559,903 = 0x088b1f: the length begins as gzip does
  for (const std::size_t size : {0u, 1u, 11u, 12u, 13u, 4096u, 262143u, 262144u, 559903u, 1000000u, 7u}) {
    records.emplace_back(size, static_cast<char>(size));
  }
  std::swap(records.front(), records[8]);
  for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZlib}) {
    {
      TfRecordWriter writer(folder / "file", compression);
      for (const std::string& record : records) writer.write(record);
    }
    const Compression reading = compression == Compression::kZlib ? Compression::kZlib : Compression::kAuto;
    EXPECT_EQ(records_of(TfRecordReader(folder / "file", reading)), records);
  }
  EXPECT_THROW(TfRecordWriter(folder / "missing/file"), FileError);
  EXPECT_THROW(TfRecordReader(folder / "missing"), FileError);
}

// Returns the records and the messages in order.
std::vector<std::string> outcome_of(std::string_view bytes) {
  TfRecordReader reader(open_memory(bytes, "file", Compression::kNone));
  std::vector<std::string> outcome;
  std::string_view record;
  while (true) {
    try {
      if (!reader.next(record)) return outcome;
      outcome.emplace_back(record);
    } catch (const BrokenRecord& error) {
      outcome.emplace_back(error.what());
    }
  }
}

TEST(TfRecord, DamagedRecordsNameFileAndPosition) {
  const Scratch folder;
  {
    TfRecordWriter writer(folder / "file");
    for (const char* record : {"first", "second", "third"}) writer.write(record);
  }
  const std::string file = read_text(folder / "file");  // records of 21, 22 and 21 bytes
  ASSERT_EQ(file.size(), 64u);
  std::string changed = file;
  changed[35] ^= 1;  // in the data of the second
  EXPECT_EQ(
      outcome_of(changed),
      (std::vector<std::string>{"first", "file: record 1 at byte 21: the checksum of its data is wrong", "third"}));
  changed = file;
  changed[22] ^= 1;  // in the length of the second
  EXPECT_EQ(outcome_of(changed),
            (std::vector<std::string>{"first",
                                      "file: record 1 at byte 21: the checksum of its length is wrong: it is damaged, "
                                      "or this is not a TFRecord file"}));
  EXPECT_EQ(
      outcome_of(file.substr(0, 50)),
      (std::vector<std::string>{"first", "second", "file: record 2 at byte 43: the file is truncated in its header"}));
  EXPECT_EQ(outcome_of(file.substr(0, 60))[2],
            "file: record 2 at byte 43: the file is truncated: 21 bytes expected, 17 left");
  for (std::size_t size = 0; size <= file.size(); ++size) EXPECT_NO_FATAL_FAILURE(outcome_of(file.substr(0, size)));
}

// A length with a right checksum and nothing behind it. masked(crc32c(LE64(10^18))) and of 2^30, by the script beside
// the files.
TEST(TfRecord, LyingLengthsTakeNoMemory) {
  std::string header;
  put_fixed(header, std::uint64_t{1'000'000'000'000'000'000});
  std::string lying = header;
  put_fixed(lying, std::uint32_t{0x5187BE03u});
  EXPECT_EQ(outcome_of(lying + "12345678")[0],
            "file: record 0 at byte 0: its length of 1000000000000000000 bytes exceeds 2147483648");
  lying.clear();
  put_fixed(lying, std::uint64_t{1} << 30);
  put_fixed(lying, std::uint32_t{0x52CC61CBu});
  EXPECT_EQ(outcome_of(lying + "12345678")[0],
            "file: record 0 at byte 0: the file is truncated: 1073741840 bytes expected, 20 left");
}

TEST(TfRecord, EventFileOfPyTorchIsRead) {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder =
      (data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data") / "formats/tfevents";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename().string().find("tfevents") == std::string::npos || entry.is_directory()) continue;
    if (entry.path().extension() == ".json") continue;
    EXPECT_EQ(records_of(TfRecordReader(entry.path())).size(), 101u) << entry.path();
  }
}

TEST(TfExample, ListsAreMergedAndUnknownFieldsSkipped) {
  // {1: {1: {1: "x", 2: {3: {1: 5}}}, 9: "?"}, 8: 1}, with the number in two forms: unpacked 5, packed [6, 300]
  const std::string list = std::string("\x08\x05\x0a\x03\x06\xac\x02");
  std::string feature, entry, features, message;
  put_bytes(feature, 3, list);
  put_bytes(feature, 9, "?");
  put_bytes(entry, 1, "x");
  put_bytes(entry, 2, feature);
  put_bytes(features, 1, entry);
  put_bytes(features, 9, "?");
  put_bytes(message, 1, features);
  put_tag(message, 8, WireType::kVarint);
  put_varint(message, 1);
  const TfExample example = parse_tf_example(message);
  ASSERT_EQ(example.size(), 1u);
  EXPECT_EQ(std::get<Int64List>(example[0].second), (Int64List{5, 6, 300}));
}

TEST(TfExample, AllKindsAreReadBack) {
  const TfExample example{{"bytes", BytesList{std::string("\0\xff", 2), ""}},
                          {"floats", FloatList{1.5f, -0.0f}},
                          {"integers", Int64List{-1, 0, INT64_MIN, INT64_MAX}},
                          {"no floats", FloatList{}},
                          {"none", std::monostate()}};
  EXPECT_EQ(parse_tf_example(to_tf_example(example)), example);
  EXPECT_TRUE(parse_tf_example("").empty());
}

TEST(TfExample, DamagedMessagesThrow) {
  const std::string message = to_tf_example({{"x", FloatList{1, 2}}});
  int thrown = 0;
  for (std::size_t size = 1; size < message.size(); ++size) {
    try {
      parse_tf_example(message.substr(0, size));
    } catch (const FileError&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, static_cast<int>(message.size()) - 1);
  std::string list, feature, entry, features, odd;
  put_bytes(list, 1, "12345");  // floats of 5 bytes
  put_bytes(feature, 2, list);
  put_bytes(entry, 2, feature);
  put_bytes(features, 1, entry);
  put_bytes(odd, 1, features);
  EXPECT_THROW(parse_tf_example(odd), FileError);
}

}  // namespace
}  // namespace ludus::io
