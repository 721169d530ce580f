#include "base/safetensors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <random>

#include "base/file.h"

namespace ludus {
namespace {

// A separate folder for each test, removed afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ludus-safetensors-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Builds a file from a header and data, valid or not.
std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  std::string text(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(text.data(), &length, 8);
  text += header + std::string(data_bytes, '\1');
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TensorFile parse(const std::string& header, std::size_t data_bytes) {
  return parse_safetensors(file_of(header, data_bytes), "test.safetensors");
}

// Checks that the file is rejected with the expected reason.
void expect_refused(const std::string& header, std::size_t data_bytes, const std::string& reason) {
  try {
    parse(header, data_bytes);
    ADD_FAILURE() << "taken: " << header;
  } catch (const CorruptCheckpoint& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("test.safetensors"), std::string::npos) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  }
}

struct Sample {
  std::vector<Array> arrays;
  std::vector<TensorView> views;
  Metadata metadata{{"format", "ludus"}, {"note", "ünïcode \"quoted\"\n"}};
};

// One array of every dtype, with various shapes and extreme values.
Sample sample() {
  Sample s;
  s.arrays.push_back(Array::of<float>({1.5f, -0.0f, std::numeric_limits<float>::infinity(), 1e-40f}));
  s.arrays.push_back(Array::of<std::uint8_t>({1, 2, 255}));
  s.arrays.push_back(Array::scalar<std::int64_t>(std::numeric_limits<std::int64_t>::min()));
  s.arrays.push_back(Array(DType::kFloat64, Shape{2, 0, 3}));
  Array grid(DType::kInt16, Shape{2, 3});
  for (std::size_t i = 0; i < 6; ++i) grid.set(i, static_cast<double>(i) * -100.0);
  s.arrays.push_back(grid);
  Array flags(DType::kBool, Shape{5});
  flags.set(1, 1), flags.set(4, 1);
  s.arrays.push_back(flags);
  for (const DType dtype :
       {DType::kInt8, DType::kUInt16, DType::kInt32, DType::kUInt32, DType::kUInt64, DType::kFloat64}) {
    Array array(dtype, Shape{3});
    for (std::size_t i = 0; i < 3; ++i) array.set(i, static_cast<double>(10 * i + 1));
    s.arrays.push_back(array);
  }
  for (std::size_t i = 0; i < s.arrays.size(); ++i) {
    s.views.push_back(view_of("tensor." + std::to_string(i) + "/é", s.arrays[i]));
  }
  return s;
}

void expect_sample(const TensorFile& file, const Sample& s) {
  EXPECT_EQ(file.metadata, s.metadata);
  ASSERT_EQ(file.tensors.size(), s.arrays.size());
  for (std::size_t i = 0; i < s.arrays.size(); ++i) EXPECT_EQ(to_array(file.at(s.views[i].name)), s.arrays[i]);
}

// The minimal file, byte by byte: one F32 vector with two elements.
TEST(Safetensors, OneTensorByHand) {
  const Array pair = Array::of<float>({1.0f, -2.0f});  // 0x3f800000, 0xc0000000
  const std::vector<TensorView> views{view_of("w", pair)};
  const std::vector<std::byte> bytes = to_safetensors(views);
  const std::string expected_header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::size_t padded = (expected_header.size() + 7) / 8 * 8;
  ASSERT_EQ(bytes.size(), 8 + padded + 8);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_EQ(static_cast<std::size_t>(text[0]), padded);
  EXPECT_EQ(text.substr(1, 7), std::string(7, '\0'));
  EXPECT_EQ(text.substr(8, padded), expected_header + std::string(padded - expected_header.size(), ' '));
  EXPECT_EQ(text.substr(8 + padded), std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8));
}

TEST(Safetensors, EveryTypeGoesThereAndBack) {
  const Sample s = sample();
  expect_sample(parse_safetensors(to_safetensors(s.views, s.metadata), "memory"), s);

  const Folder folder;
  write_safetensors(folder / "all.safetensors", s.views, s.metadata);
  expect_sample(read_safetensors(folder / "all.safetensors"), s);
  EXPECT_EQ(read_bytes(folder / "all.safetensors"), to_safetensors(s.views, s.metadata));
}

TEST(Safetensors, EveryTensorIsAligned) {
  const Sample s = sample();
  const std::vector<std::byte> bytes = to_safetensors(s.views, s.metadata);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  const TensorReader reader(bytes, "memory");
  for (const TensorReader::Entry& entry : reader.entries())
    EXPECT_EQ(entry.begin % size_of(entry.type), 0u) << entry.name;
}

TEST(Safetensors, AnEmptyFileOfTensorsIsAFile) {
  const TensorFile file = parse_safetensors(to_safetensors({}), "memory");
  EXPECT_TRUE(file.tensors.empty());
  EXPECT_TRUE(file.metadata.empty());
}

// Halves: 0x3c00 = 1, 0xc000 = -2, 0x7bff = 65504, 0x0001 = 2^-24, 0x8000 = -0, 0x7c00 = inf, 0x7e00 = NaN.
// BF16: 0x3f80 = 1, 0xc000 = -2, 0x7f80 = inf.
TEST(Safetensors, HalvesAreWidenedExactly) {
  const auto widen = [](TensorType type, std::vector<std::uint16_t> halves) {
    NamedTensor tensor{"h", type, Shape{static_cast<std::int64_t>(halves.size())}, {}};
    tensor.bytes.resize(2 * halves.size());
    std::memcpy(tensor.bytes.data(), halves.data(), tensor.bytes.size());
    return to_array(tensor);
  };
  const Array half = widen(TensorType::kFloat16, {0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x7e00});
  const auto numbers = half.data<float>();
  EXPECT_EQ(numbers[0], 1.0f);
  EXPECT_EQ(numbers[1], -2.0f);
  EXPECT_EQ(numbers[2], 65504.0f);
  EXPECT_EQ(numbers[3], std::ldexp(1.0f, -24));
  EXPECT_TRUE(numbers[4] == 0.0f && std::signbit(numbers[4]));
  EXPECT_EQ(numbers[5], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(numbers[6]));
  const Array brain = widen(TensorType::kBFloat16, {0x3f80, 0xc000, 0x7f80});
  EXPECT_EQ(brain, Array::of<float>({1.0f, -2.0f, std::numeric_limits<float>::infinity()}));
}

TEST(Safetensors, WhatBreaksTheFormatIsRefusedWithItsReason) {
  const std::string ok = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_NO_THROW(parse(ok, 8));
  expect_refused(ok, 9, "1 bytes follow");
  expect_refused(ok, 7, "outside the file");
  expect_refused("", 0, "does not begin with {");
  expect_refused(" " + ok, 8, "does not begin with {");
  expect_refused("[]", 0, "does not begin with {");
  expect_refused("{\"a\"", 0, "not JSON");
  expect_refused(ok + "x", 8, "not JSON");
  expect_refused("{\"\xff\":1}", 0, "not JSON");
  expect_refused(R"({"a":1e999})", 0, "out of range");
  expect_refused(R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}", 0, "nested too deeply");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += R"({"a":)";
  expect_refused(deep, 0, "nested too deeply");

  // duplicated keys at every level
  expect_refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
      "twice");
  expect_refused(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "twice");
  expect_refused(R"({"__metadata__":{"k":"1","k":"2"}})", 0, "twice");
  expect_refused(R"({"__metadata__":{},"__metadata__":{}})", 0, "twice");

  // metadata must map strings to strings
  EXPECT_EQ(parse(R"({"__metadata__":{"k":"v"}})", 0).metadata.at("k"), "v");
  expect_refused(R"({"__metadata__":{"k":1}})", 0, "not a string");
  expect_refused(R"({"__metadata__":"k"})", 0, "not an object");

  // fields of a tensor
  expect_refused(R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1, "no name");
  expect_refused(R"({"a":1})", 1, "described by");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1]}})", 1, "described by");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":1}})", 1, "described by");
  expect_refused(R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})", 1, "wrong kind");
  expect_refused(R"({"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}})", 1, "wrong kind");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "wrong kind");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}})", 1, "wrong kind");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0.0,1.0]}})", 1, "wrong kind");
  expect_refused(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1, "F8_E4M3");
  expect_refused(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "not a whole number");
  expect_refused(R"({"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}})", 1, "not a whole number");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1, "9 dimensions");
  expect_refused(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}})", 1, "must have 2 bytes");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "outside the file");
  // 2^33 · 2^33 · 8 bytes overflows to 0, and so does 2^62 · 4
  expect_refused(R"({"a":{"dtype":"F64","shape":[8589934592,8589934592],"data_offsets":[0,0]}})", 0,
                 "larger than any memory");
  expect_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0,
                 "larger than any memory");
  expect_refused(R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,0]}})", 0,
                 "larger than any memory");
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 1, "outside the file");

  // gaps and overlaps
  expect_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "hole before");
  expect_refused(
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2,
      "overlaps");
  expect_refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", 3,
      "hole before");
  expect_refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
      "overlaps");
  // two empty tensors at the same offset are valid
  EXPECT_NO_THROW(parse(
      R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[0,5],"data_offsets":[0,0]}})",
      0));

  // true is stored as 1
  EXPECT_NO_THROW(parse(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1));
  std::vector<std::byte> two = file_of(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1);
  two.back() = std::byte{2};
  EXPECT_THROW(parse_safetensors(two, "two"), CorruptCheckpoint);

  // a header length beyond the file, beyond the limit, and close to 2^64
  for (const std::uint64_t length :
       {std::uint64_t{55}, std::uint64_t{100'000'001}, ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
    std::vector<std::byte> bytes = file_of("{}", 0);
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_THROW(parse_safetensors(bytes, "long"), CorruptCheckpoint) << length;
  }
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const Sample s = sample();
  const std::vector<std::byte> whole = to_safetensors(s.views, s.metadata);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(parse_safetensors(std::span(whole).first(length), "cut"), CorruptCheckpoint) << length;
  }
  const Folder folder;
  write_atomically(folder / "cut", std::span(whole).first(whole.size() / 2));
  EXPECT_THROW(read_safetensors(folder / "cut"), CorruptCheckpoint);
}

// The file is rejected, or every tensor has the length that its shape requires.
bool refused_or_sound(std::span<const std::byte> bytes) {
  try {
    for (const NamedTensor& tensor : parse_safetensors(bytes, "fuzz").tensors) {
      if (tensor.bytes.size() != tensor.shape.elements() * size_of(tensor.type)) return false;
      if (to_array(tensor).size() != tensor.shape.elements()) return false;
    }
  } catch (const CorruptCheckpoint&) {
  }
  return true;
}

TEST(Safetensors, EveryChangedByteIsRefusedOrLeavesASoundFile) {
  const Sample s = sample();
  const std::vector<std::byte> whole = to_safetensors(s.views, s.metadata);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::byte> changed = whole;
    for (const unsigned flip : {0x01u, 0x02u, 0x10u, 0x20u, 0x80u, 0xffu}) {
      changed[i] = whole[i] ^ std::byte(flip);
      EXPECT_TRUE(refused_or_sound(changed)) << "byte " << i << ", flip " << flip;
    }
  }
}

TEST(Safetensors, NoiseIsRefusedOrLeavesASoundFile) {
  const Sample s = sample();
  const std::vector<std::byte> whole = to_safetensors(s.views, s.metadata);
  std::mt19937 generator(17);
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<std::byte> bytes;
    if (trial % 2 == 0) {
      // the file with some pieces overwritten, removed or duplicated
      bytes = whole;
      for (int edit = 0; edit < 1 + trial % 4; ++edit) {
        const std::size_t at = generator() % bytes.size();
        const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t length = std::min<std::size_t>(generator() % 16, bytes.size() - at);
        const auto end = place + static_cast<std::ptrdiff_t>(length);
        if (generator() % 3 == 0) {
          bytes.erase(place, end);
        } else if (generator() % 2 == 0) {
          const std::vector<std::byte> piece(place, end);
          bytes.insert(place, piece.begin(), piece.end());
        } else {
          for (auto b = place; b != end; ++b) *b = static_cast<std::byte>(generator());
        }
        if (bytes.empty()) break;
      }
    } else {
      // random text made of header characters, with a correct length
      const std::string alphabet = R"({}[]":,0123456789eE.-abdtypeshF32 )";
      std::string header = "{";
      for (auto n = generator() % 100; n > 0; --n) header += alphabet[generator() % alphabet.size()];
      bytes = file_of(header, generator() % 8);
    }
    EXPECT_TRUE(refused_or_sound(bytes)) << "trial " << trial;
  }
}

TEST(Safetensors, WhatCannotBeWrittenIsRefused) {
  const Array array = Array::of<float>({1.0f, 2.0f});
  const auto write = [&](const std::vector<TensorView>& views, const Metadata& metadata = {}) {
    return to_safetensors(views, metadata);
  };
  EXPECT_THROW(write({view_of("", array)}), InvalidArgument);
  EXPECT_THROW(write({view_of("__metadata__", array)}), InvalidArgument);
  EXPECT_THROW(write({view_of("a", array), view_of("a", array)}), InvalidArgument);
  EXPECT_THROW(write({view_of("\xff", array)}), InvalidArgument);
  EXPECT_THROW(write({view_of("a", array)}, {{"key", "\xff"}}), InvalidArgument);
  TensorView short_view = view_of("a", array);
  short_view.bytes = short_view.bytes.first(7);
  EXPECT_THROW(write({short_view}), InvalidArgument);
  EXPECT_THROW(write_safetensors("/no/such/folder/a.safetensors", std::vector{view_of("a", array)}), FileError);
}

TEST(Safetensors, AFileThatCannotBeReadIsNamed) {
  EXPECT_THROW(read_safetensors("/no/such/file.safetensors"), FileError);
  EXPECT_THROW(read_safetensors("/"), FileError);
  const Folder folder;
  write_atomically(folder / "text.safetensors", std::string_view("these are words and no tensors"));
  try {
    read_safetensors(folder / "text.safetensors");
    FAIL() << "taken";
  } catch (const CorruptCheckpoint& error) {
    EXPECT_NE(std::string(error.what()).find("text.safetensors"), std::string::npos);
  }
}

TEST(Safetensors, ATensorThatIsNotThereIsAnsweredWithThoseThatAre) {
  const Array array = Array::of<float>({1.0f});
  const TensorFile file = parse_safetensors(to_safetensors(std::vector{view_of("weight", array)}), "memory");
  try {
    file.at("bias");
    FAIL() << "found";
  } catch (const CorruptCheckpoint& error) {
    EXPECT_NE(std::string(error.what()).find("weight"), std::string::npos) << error.what();
  }
}

TEST(Safetensors, ATensorIsReadOnlyIntoAPlaceOfItsLength) {
  const Array array = Array::of<float>({1.0f});
  const std::vector<std::byte> bytes = to_safetensors(std::vector{view_of("weight", array)});
  const TensorReader reader(bytes, "memory");
  std::vector<std::byte> place(3);
  EXPECT_THROW(reader.read(reader.entries()[0], place), InvalidArgument);
}

std::filesystem::path data_folder() {
  const char* named = std::getenv("LUDUS_DATA_DIR");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(LUDUS_SOURCE_DIR).parent_path() / "shared" / "data";
}

// Files written by other programs: half-precision networks, and float references.
TEST(Safetensors, FilesOfOthersAreRead) {
  const std::filesystem::path folder = data_folder();
  if (!std::filesystem::exists(folder / "weights")) GTEST_SKIP() << "skipped: no data";

  const TensorFile squeeze = read_safetensors(folder / "weights" / "squeezenet1_1.fp16.safetensors");
  EXPECT_EQ(squeeze.tensors.size(), 52u);  // weight and bias of 26 convolutions
  const Array conv1 = to_array(squeeze.at("conv1.weight"));
  EXPECT_EQ(conv1.shape(), (Shape{64, 3, 3, 3}));
  EXPECT_EQ(squeeze.at("conv1.weight").type, TensorType::kFloat16);
  const Array bias = to_array(squeeze.at("conv10.bias"));
  EXPECT_EQ(bias.shape(), (Shape{1000}));
  double largest = 0;
  for (const NamedTensor& tensor : squeeze.tensors) {
    const Array array = to_array(tensor);
    for (const float x : array.data<float>()) {
      ASSERT_TRUE(std::isfinite(x)) << tensor.name;
      largest = std::max(largest, std::abs(static_cast<double>(x)));
    }
  }
  EXPECT_GT(largest, 0.1);
  EXPECT_LT(largest, 100.0);

  const TensorFile mobile = read_safetensors(folder / "weights" / "mobilenet_v2_1.0_224.fp16.safetensors");
  EXPECT_EQ(to_array(mobile.at("classifier.bias")).size(), 1001u);
}

}  // namespace
}  // namespace ludus
