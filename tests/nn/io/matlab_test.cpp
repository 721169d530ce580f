#include "nn/io/matlab.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "base/file.h"
#include "base/value_io.h"
#include "nn/vision/matconvnet.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

// Writes MATLAB files of level 5 in either byte order, for tests.
class Writer {
 public:
  explicit Writer(bool big_endian = false) : big_(big_endian) {}

  std::string number(std::uint64_t value, std::size_t bytes) const {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) {
      text.push_back(static_cast<char>(value >> (8 * (big_ ? bytes - 1 - i : i))));
    }
    return text;
  }
  std::string element(std::uint32_t type, const std::string& data) const {
    const std::string padding((8 - data.size() % 8) % 8, '\0');
    return number(type, 4) + number(data.size(), 4) + data + padding;
  }
  // The form for up to 4 bytes.
  std::string small(std::uint32_t type, std::string data) const {
    const std::string tag = number((std::uint32_t(data.size()) << 16) | type, 4);
    data.resize(4, '\0');
    return tag + data;
  }
  std::string matrix(std::uint32_t flags, const std::vector<std::uint32_t>& extents, const std::string& name,
                     const std::string& content) const {
    std::string dimensions;
    for (const std::uint32_t extent : extents) dimensions += number(extent, 4);
    return element(14,
                   element(6, number(flags, 4) + number(0, 4)) + element(5, dimensions) + element(1, name) + content);
  }
  std::string doubles(const std::vector<double>& values) const {
    std::string data;
    for (const double value : values) data += number(std::bit_cast<std::uint64_t>(value), 8);
    return element(9, data);
  }
  std::string header() const {
    std::string text = "MATLAB 5.0 MAT-file, written by a test";
    text.resize(124, ' ');
    return text + number(0x0100, 2) + (big_ ? "MI" : "IM");
  }
  std::string file(const std::string& variables) const { return header() + variables; }
  std::string compressed_variable(const std::string& variable) const {
    const std::string data = compressed(variable, Compression::kZlib);
    return number(15, 4) + number(data.size(), 4) + data;
  }

 private:
  bool big_;
};

MatlabFile read(const std::string& bytes, const MatlabLimits& limits = {}) {
  return read_matlab(open_memory(bytes, "file.mat", Compression::kNone), limits);
}

std::string message_of(const std::string& bytes, const MatlabLimits& limits = {}) {
  try {
    read(bytes, limits);
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

TEST(Matlab, ReadsBothByteOrdersCompressedOrNotByHand) {
  for (const bool big : {false, true}) {
    const Writer w(big);
    // [1 2 3; 4 5 6], column by column; then the same of class double stored as bytes
    const std::string plain = w.matrix(6, {2, 3}, "a", w.doubles({1, 4, 2, 5, 3, 6}));
    const std::string stored_small = w.matrix(6, {2, 2}, "b", w.small(2, std::string("\x01\x02\x03\x04")));
    for (const std::string& bytes :
         {w.file(plain + stored_small), w.file(w.compressed_variable(plain) + w.compressed_variable(stored_small))}) {
      const MatlabFile file = read(bytes);
      ASSERT_EQ(file.variables.size(), 2u);
      EXPECT_EQ(file.at("a").numbers, Array::of<double>({1, 2, 3, 4, 5, 6}).reshaped(Shape{2, 3}));
      EXPECT_EQ(file.at("b").numbers, Array::of<double>({1, 3, 2, 4}).reshaped(Shape{2, 2}));
      EXPECT_THROW(file.at("c"), InvalidArgument);
    }
  }
}

TEST(Matlab, ReadsTextsCellsStructuresAndComplexNumbers) {
  const Writer w;
  const std::string cell = w.matrix(1, {1, 2}, "c",
                                    w.matrix(4, {1, 2}, "", w.element(17, w.number(0x00E4, 2) + w.number(0x3059, 2))) +
                                        w.element(14, ""));  // "äす" and []
  const std::string rows = w.matrix(4, {2, 3}, "t", w.element(16, "adbecf"));
  const std::string complex = w.matrix(6 | 0x0800, {1, 1}, "z", w.doubles({3}) + w.doubles({-4}));
  const std::string logical = w.matrix(9 | 0x0200, {1, 2}, "l", w.small(2, std::string("\x01\x00", 2)));
  std::string names("one\0\0\0\0\0two\0\0\0\0\0", 16);
  const std::string structure =
      w.matrix(2, {1, 2}, "s",
               w.small(5, w.number(8, 4)) + w.element(1, names) + w.matrix(6, {1, 1}, "", w.doubles({1})) +
                   w.matrix(6, {1, 1}, "", w.doubles({2})) + w.matrix(6, {1, 1}, "", w.doubles({3})) +
                   w.matrix(6, {1, 1}, "", w.doubles({4})));
  const MatlabFile file = read(w.file(cell + rows + complex + logical + structure));
  EXPECT_EQ(file.at("c").cell(0).text, "äす");
  EXPECT_EQ(file.at("c").cell(1).numbers.size(), 0u);
  EXPECT_EQ(file.at("t").text, "abc\ndef");
  EXPECT_EQ(file.at("z").numbers, Array::of<double>({3}).reshaped(Shape{1, 1}));
  EXPECT_EQ(file.at("z").imaginary[0], Array::of<double>({-4}).reshaped(Shape{1, 1}));
  EXPECT_EQ(file.at("l").numbers, Array::of<bool>({true, false}).reshaped(Shape{1, 2}));
  const MatlabValue& s = file.at("s");
  EXPECT_EQ(s.field("two", 0).numbers.get(0), 2);
  EXPECT_EQ(s.field("one", 1).numbers.get(0), 3);
  EXPECT_FALSE(s.has_field("three"));
  EXPECT_THROW(s.field("three"), InvalidArgument);
  EXPECT_THROW(s.field("one", 2), InvalidArgument);
  EXPECT_THROW(s.cell(0), InvalidArgument);
  EXPECT_EQ(s.describe(), "a 1 x 2 structure with the fields one, two");
}

TEST(Matlab, DamagedAndLyingFilesThrowOneSentence) {
  const Writer w;
  const std::string whole = w.file(w.matrix(6, {2, 2}, "a", w.doubles({1, 2, 3, 4})));
  EXPECT_EQ(message_of(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == 128) continue;  // a file without variables
    EXPECT_NE(message_of(whole.substr(0, size)), "") << size;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] ^= 0x55;
    message_of(changed);
  }
  EXPECT_NE(message_of(w.file(w.matrix(6, {1 << 30, 1 << 30}, "a", w.doubles({1})))).find("cannot hold"),
            std::string::npos);
  EXPECT_NE(message_of(w.file(w.matrix(1, {1 << 20, 1}, "a", ""))).find("cannot hold"), std::string::npos);
  EXPECT_NE(message_of(w.file(w.matrix(6, {3, 1}, "a", w.doubles({1, 2})))).find("has 2 numbers"), std::string::npos);
  EXPECT_NE(message_of(w.file(w.matrix(5, {1, 1}, "a", ""))).find("sparse"), std::string::npos);
  EXPECT_NE(message_of(w.file(w.matrix(17, {1, 1}, "a", ""))).find("function handle"), std::string::npos);
  std::string nested;
  for (int depth = 0; depth < 70; ++depth)
    nested = w.matrix(1, {1, 1}, "", nested.empty() ? w.element(14, "") : nested);
  EXPECT_NE(message_of(w.file(nested)).find("64 levels"), std::string::npos);
  EXPECT_NE(message_of(whole, {.variable_bytes = 10}).find("up to 10"), std::string::npos);
  EXPECT_NE(message_of(w.file(w.matrix(1, {1, 3}, "a", w.element(14, "") + w.element(14, "") + w.element(14, ""))),
                       {.elements = 2})
                .find("too many"),
            std::string::npos);
  std::string hdf = whole;
  hdf.replace(0, 10, "MATLAB 7.3");
  EXPECT_NE(message_of(hdf).find("-v7"), std::string::npos);
  EXPECT_NE(message_of(std::string(200, 'x')).find("level 5"), std::string::npos);
}

// The values that scipy reads; it leaves small integers of class double in the type in which they are stored.
void compare(const Value& expected, const MatlabValue& value, const std::string& where) {
  SCOPED_TRACE(where);
  const Dict& dict = expected.as_dict();
  if (dict.contains("cell")) {
    ASSERT_EQ(value.kind, MatlabValue::Kind::kCell);
    const List& elements = dict.at("elements").as_list();
    ASSERT_EQ(value.elements.size(), elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i)
      compare(elements[i], value.cell(i), where + "{" + std::to_string(i) + "}");
    return;
  }
  if (dict.contains("struct_array")) {
    ASSERT_EQ(value.kind, MatlabValue::Kind::kStruct);
    const List& elements = dict.at("elements").as_list();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      for (const auto& [name, field] : elements[i].as_dict()) compare(field, value.field(name, i), where + "." + name);
    }
    return;
  }
  const std::string& dtype = dict.at("dtype").as_string();
  std::vector<double> numbers;
  std::vector<std::string> texts;
  const std::function<void(const Value&)> collect = [&](const Value& leaf) {
    if (leaf.is_list()) {
      for (const Value& element : leaf.as_list()) collect(element);
    } else if (leaf.is_string()) {
      texts.push_back(leaf.as_string());
    } else {
      numbers.push_back(leaf.as_double());
    }
  };
  collect(dict.at("row_major"));
  if (dtype.find('U') != std::string::npos && dtype.find("uint") == std::string::npos) {
    ASSERT_EQ(value.kind, MatlabValue::Kind::kText);
    std::string joined_texts;
    for (std::size_t i = 0; i < texts.size(); ++i) joined_texts += (i > 0 ? "\n" : "") + texts[i];
    EXPECT_EQ(value.text, joined_texts);
    return;
  }
  ASSERT_EQ(value.kind, MatlabValue::Kind::kNumbers);
  const List& shape = dict.at("shape").as_list();
  ASSERT_EQ(value.shape.rank(), shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) EXPECT_EQ(value.shape[d], shape[d].as_int());
  const bool complex = dtype.find('c') != std::string::npos;  // real and imaginary parts in turn
  ASSERT_EQ(value.numbers.size() * (complex ? 2 : 1), numbers.size());
  ASSERT_EQ(value.imaginary.size(), complex ? 1u : 0u);
  for (std::size_t i = 0; i < value.numbers.size(); ++i) {
    EXPECT_EQ(value.numbers.get(i), numbers[complex ? 2 * i : i]);
    if (!complex) continue;
    EXPECT_EQ(value.imaginary[0].get(i), numbers[2 * i + 1]);
  }
}

TEST(Matlab, FilesOfMatlabHaveTheValuesThatScipyReads) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const Value expected = from_json(read_text(*data / "formats/mat/expected.json"));
  std::size_t compared = 0;
  for (const auto& [name, variables] : expected.as_dict()) {
    const MatlabFile file = read_matlab(*data / "formats/mat" / name);
    for (const auto& [variable, value] : variables.as_dict()) {
      compare(value, file.at(variable), name + " " + variable);
      ++compared;
    }
  }
  EXPECT_GE(compared, 16u);
}

// A network with two layers in the two orders of fields.
TEST(MatConvNet, IsReadByTheNamesOfFields) {
  const Writer w;
  // kernel [height 1, width 2, in 1, out 2] = 1 2 3 4 column by column: out 0 is (1, 2), out 1 is (3, 4)
  const std::string kernel = w.matrix(6, {1, 2, 1, 2}, "", w.doubles({1, 2, 3, 4}));
  const std::string bias = w.matrix(6, {2, 1}, "", w.doubles({5, 6}));
  const std::string weights = w.matrix(1, {1, 2}, "", kernel + bias);
  const std::string name = w.matrix(4, {1, 4}, "", w.element(16, "conv"));
  const auto layer = [&](bool weights_first) {
    std::string names(weights_first ? std::string("weights\0name\0\0\0\0", 16)
                                    : std::string("name\0\0\0\0weights\0", 16));
    return w.matrix(
        2, {1, 1}, "",
        w.small(5, w.number(8, 4)) + w.element(1, names) + (weights_first ? weights + name : name + weights));
  };
  for (const bool weights_first : {false, true}) {
    const vision::MatConvNet network =
        vision::matconvnet_from(read(w.file(w.matrix(1, {1, 1}, "layers", layer(weights_first)))));
    ASSERT_EQ(network.weights.size(), 2u);
    EXPECT_EQ(network.weights[0].first, "conv.weight");
    EXPECT_EQ(network.weights[0].second, Array::of<float>({1, 2, 3, 4}).reshaped(Shape{2, 1, 1, 2}));
    EXPECT_EQ(network.weights[1].second, Array::of<float>({5, 6}));
    EXPECT_TRUE(network.mean.empty());
  }
  const test_support::Scratch folder;
  write_atomically(folder / "other.mat", w.file(w.matrix(6, {1, 1}, "a", w.doubles({1}))));
  try {
    vision::read_matconvnet(folder / "other.mat");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("other.mat"), std::string::npos);
  }
}

}  // namespace
}  // namespace ludus::io
