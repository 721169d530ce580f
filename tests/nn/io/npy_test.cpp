#include "nn/io/npy.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/value_io.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using test_support::Scratch;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/io";

TEST(Npy, ReadsEveryTypeOfNumPy) {
  const std::vector<std::pair<std::string, DType>> files{
      {"int8", DType::kInt8},           {"uint8", DType::kUInt8},        {"int16", DType::kInt16},
      {"uint16", DType::kUInt16},       {"int32", DType::kInt32},        {"uint32", DType::kUInt32},
      {"int64", DType::kInt64},         {"uint64", DType::kUInt64},      {"float16", DType::kFloat32},
      {"float32", DType::kFloat32},     {"float64", DType::kFloat64},    {"big_int16", DType::kInt16},
      {"big_float16", DType::kFloat32}, {"big_float64", DType::kFloat64}};
  for (const auto& [name, dtype] : files) {
    const Array array = read_npy(kFiles / (name + ".npy"));
    EXPECT_EQ(array.dtype(), dtype) << name;
    EXPECT_EQ(array.shape(), (Shape{2, 3})) << name;
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(array.get(i), 3.0 * static_cast<double>(i)) << name;
  }
  const Array truth = read_npy(kFiles / "bool.npy");
  EXPECT_EQ(truth.dtype(), DType::kBool);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(truth.data<bool>()[i], i > 0);
}

TEST(Npy, ReadsFortranOrderScalarsEmptyArraysAndVersion2) {
  const Array fortran = read_npy(kFiles / "fortran.npy");
  EXPECT_EQ(fortran.shape(), (Shape{2, 3, 4}));
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(fortran.get(i), static_cast<double>(i));
  EXPECT_EQ(read_npy(kFiles / "scalar.npy"), Array::scalar(2.5));
  EXPECT_EQ(read_npy(kFiles / "empty.npy"), Array(DType::kFloat32, Shape{0, 3}));
  EXPECT_EQ(read_npy(kFiles / "version2.npy"), Array::of<std::int64_t>({0, 1, 2}));
}

// What NumPy wrote, byte for byte.
TEST(Npy, WritesWhatNumPyWrites) {
  for (const char* name : {"bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
                           "float64", "scalar", "empty"}) {
    const auto file = kFiles / (std::string(name) + ".npy");
    EXPECT_EQ(to_npy(read_npy(file)), read_text(file)) << name;
  }
}

std::string message_of(const std::string& bytes) {
  try {
    read_npy(open_memory(bytes, "file.npy", Compression::kNone));
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

std::string with_header(std::string header) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file.push_back(static_cast<char>(header.size() & 0xFF));
  file.push_back(static_cast<char>(header.size() >> 8));
  return file + header;
}

TEST(Npy, UnreadableFilesThrowOneSentence) {
  const std::string file = read_text(kFiles / "float32.npy");
  for (std::size_t size = 0; size < file.size(); ++size) EXPECT_NE(message_of(file.substr(0, size)), "") << size;
  EXPECT_NE(message_of(file + "x"), "");
  EXPECT_NE(message_of(read_text(kFiles / "text.npy")).find("'<U1'"), std::string::npos);
  EXPECT_NE(message_of(read_text(kFiles / "record.npy")).find("records"), std::string::npos);

  const auto shape = [](const std::string& text) {
    return with_header("{'descr': '<f8', 'fortran_order': False, 'shape': " + text + "}\n");
  };
  EXPECT_EQ(message_of(shape("(1,)") + std::string(8, '\0')), "");
  EXPECT_NE(message_of(shape("(1000000000000000000,)")).find("no memory can hold"), std::string::npos);
  EXPECT_NE(message_of(shape("(4294967296, 4294967296)")).find("no memory can hold"), std::string::npos);
  EXPECT_NE(message_of(shape("(100000000000000000,)")).find("truncated"), std::string::npos);
  EXPECT_NE(message_of(shape("(-1,)")), "");
  EXPECT_NE(message_of(shape("(1, 1, 1, 1, 1, 1, 1, 1, 1)")).find("9 dimensions"), std::string::npos);
  EXPECT_NE(message_of(with_header("{'descr': '<f8', 'shape': (1,)}")).find("must have the keys"), std::string::npos);
  EXPECT_NE(message_of(with_header("{'descr': '<f8', 'descr': '<f8'}")).find("twice"), std::string::npos);
  EXPECT_NE(message_of(with_header("{'descr': __import__('os')}")), "");
  EXPECT_NE(message_of(with_header("{'descr': '<f8', 'fortran_order': True, 'shape': (99999999999, 9999)}"))
                .find("truncated"),
            std::string::npos);
}

TEST(Npz, ReadsStoredAndDeflatedArchives) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const NpzReader archive(kFiles / name);
    EXPECT_EQ(archive.names(), (std::vector<std::string>{"x", "y", "column"}));
    const NamedArrays arrays = read_npz(kFiles / name);
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(arrays[0].second.data<float>()[i], static_cast<float>(i));
    EXPECT_EQ(arrays[1].second, Array::of<std::int64_t>({0, 1, 0, 1}));
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(arrays[2].second.get(i), static_cast<double>(i));

    ArrayStream rows = archive.open("x");
    EXPECT_EQ(rows.skip(2), 2u);
    Array row;
    ASSERT_TRUE(rows.next(row));
    EXPECT_EQ(row, Array::of<float>({6, 7, 8}));
    EXPECT_THROW(archive.read("z"), InvalidArgument);
  }
}

TEST(Npz, ArchivesWrittenHereAreReadBack) {
  const Scratch folder;
  const NamedArrays arrays{{"a", Array::of<float>({1, 2, 3})},
                           {"größe", Array(DType::kUInt8, Shape{1000, 3})},
                           {"none", Array(DType::kInt64, Shape{0})}};
  for (const bool deflate : {false, true}) {
    write_npz(folder / "file.npz", arrays, deflate);
    EXPECT_EQ(read_npz(folder / "file.npz"), arrays);
  }
  EXPECT_THROW(write_npz(folder / "file.npz", {{"a", Array()}, {"a", Array()}}), InvalidArgument);
  write_npz(folder / "empty.npz", {});
  EXPECT_TRUE(read_npz(folder / "empty.npz").empty());
}

TEST(Npz, DamagedArchivesThrow) {
  const Scratch folder;
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const std::string file = read_text(kFiles / name);
    for (std::size_t size = 0; size < file.size(); size += 7) {
      write_atomically(folder / "cut.npz", file.substr(0, size));
      EXPECT_THROW(read_npz(folder / "cut.npz"), FileError) << size;
    }
    // any changed byte is noticed or has no meaning (times, attributes), and is never more than an exception
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string changed = file;
      changed[i] ^= 0x41;
      write_atomically(folder / "changed.npz", changed);
      try {
        read_npz(folder / "changed.npz");
      } catch (const FileError&) {
      }
    }
  }
}

TEST(Npy, SamplesOfTheDataFolderHaveTheExpectedValues) {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder =
      (data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data") / "formats/npy";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  const Value expected = from_json(read_text(folder / "expected.json"));
  for (const auto& [name, entry] : expected.as_dict()) {
    const Array array = read_npy(folder / (name + ".npy"));
    const List& shape = entry.as_dict().at("shape").as_list();
    ASSERT_EQ(array.shape().rank(), shape.size()) << name;
    for (std::size_t i = 0; i < shape.size(); ++i) EXPECT_EQ(array.shape()[i], shape[i].as_int()) << name;
    const Value& rows = entry.as_dict().at("row_major");
    std::size_t next = 0;
    const std::function<void(const Value&)> compare = [&](const Value& value) {
      if (!value.is_list()) {
        EXPECT_EQ(array.get(next++), value.is_bool() ? value.as_bool() : value.as_double()) << name;
        return;
      }
      for (const Value& element : value.as_list()) compare(element);
    };
    compare(rows);
    EXPECT_EQ(next, array.size()) << name;
  }
  for (const char* name : {"stored.npz", "deflated.npz"}) EXPECT_FALSE(read_npz(folder / name).empty());
}

}  // namespace
}  // namespace ludus::io
