#include "base/value_io.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

namespace ludus {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::vector<T> ends_of_type() {
  if constexpr (std::is_same_v<T, bool>) {
    return {false, true};
  } else {
    using Limits = std::numeric_limits<T>;
    std::vector<T> values{Limits::min(), Limits::lowest(), Limits::max(), T{0}, T{1}};
    if constexpr (std::is_floating_point_v<T>) {
      values.insert(values.end(), {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::denorm_min(),
                                   -T{0}, static_cast<T>(0.1)});
    }
    return values;
  }
}

Array array_of_ends(DType dtype) {
  return dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto values = ends_of_type<T>();
    Array array(dtype, Shape{static_cast<std::int64_t>(values.size())});
    for (std::size_t i = 0; i < values.size(); ++i) array.data<T>()[i] = values[i];
    return array;
  });
}

constexpr const char* kDTypeNames[] = {"bool",   "int8",  "uint8",  "int16",   "uint16", "int32",
                                       "uint32", "int64", "uint64", "float32", "float64"};

// A value that contains every type.
Value everything() {
  Dict arrays;
  for (const char* name : kDTypeNames) arrays[name] = array_of_ends(dtype_of(name));
  return Dict{
      {"null", {}},
      {"flags", List{true, false}},
      {"integers", List{0, -1, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}},
      {"doubles", List{0.0, 0.1, 1e-320, 3.0, 1.7976931348623157e308, kInf, -kInf}},
      {"text", std::string("a\0b \xc3\xa9 \"\\\n", 10)},
      {"arrays", arrays},
      {"scalar", Array::scalar(2.5)},
      {"empty", List{List{}, Dict{}, "", Array(DType::kFloat32, Shape{0, 3})}},
      {"image", Array(DType::kUInt8, Shape{3, 4, 3})},
      {"nested", Dict{{"a", Dict{{"b", List{Dict{{"c", 1}}}}}}}}};
}

TEST(Encode, GivesTheSameValueBack) {
  const Value value = everything();
  EXPECT_EQ(decode(encode(value)), value);
  EXPECT_EQ(encode(decode(encode(value))), encode(value));
}

TEST(Encode, KeepsSignsAndKindsOfNumbers) {
  EXPECT_TRUE(decode(encode(3.0)).is_double());
  EXPECT_TRUE(decode(encode(3)).is_int());
  EXPECT_TRUE(std::signbit(decode(encode(-0.0)).as_double()));
  EXPECT_TRUE(std::isnan(decode(encode(kNan)).as_double()));
  for (const double x : {0.1, 1.0 / 3.0, 5e-324, -2.2250738585072014e-308}) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(decode(encode(x)).as_double()), std::bit_cast<std::uint64_t>(x));
  }
}

// Inside an array, even the payload of a NaN is preserved.
TEST(Encode, KeepsEveryBitOfArrays) {
  const double odd_nan = std::bit_cast<double>(std::uint64_t{0xfff0dead00c0ffee});
  const Array array = Array::of<double>({odd_nan, -kNan, -0.0});
  const Array back = decode(encode(array)).as_array();
  EXPECT_EQ(back, array);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(back.data<double>()[0]), 0xfff0dead00c0ffeeu);
}

TEST(Encode, KeepsBytesThatAreNoUtf8) {
  const Value value = std::string("\xff\xfe\x80");
  EXPECT_EQ(decode(encode(value)), value);
}

TEST(Decode, RefusesEveryTruncation) {
  const std::vector<std::byte> bytes = encode(everything());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode(std::span(bytes).first(length)), FileError) << length;
  }
  std::vector<std::byte> longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_THROW(decode(longer), FileError);
}

// A flipped bit results in another value or a FileError, and in nothing else.
TEST(Decode, SurvivesEveryFlippedBit) {
  const std::vector<std::byte> bytes = encode(everything());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<std::byte> broken = bytes;
      broken[i] ^= std::byte{1} << bit;
      try {
        EXPECT_NE(encode(decode(broken)), bytes);
      } catch (const FileError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, bytes.size());
}

std::vector<std::byte> cbor(const nlohmann::ordered_json& json) {
  const auto bytes = nlohmann::ordered_json::to_cbor(json);
  std::vector<std::byte> result(bytes.size());
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

std::vector<std::byte> saved_array(const std::string& dtype, const std::vector<std::int64_t>& shape,
                                   const std::vector<std::uint8_t>& bytes) {
  using Json = nlohmann::ordered_json;
  Json fields;
  fields["dtype"] = dtype;
  fields["shape"] = shape;
  fields["bytes"] = Json::binary(bytes);
  Json array;
  array
      ["\x01"
       "array"] = fields;
  return cbor(array);
}

TEST(Decode, RefusesArraysThatCannotBe) {
  EXPECT_EQ(decode(saved_array("uint8", {2}, {1, 2})), Value(Array::of<std::uint8_t>({1, 2})));
  EXPECT_THROW(decode(saved_array("float16", {1}, {1, 2})), FileError);
  EXPECT_THROW(decode(saved_array("uint8", {3}, {1, 2})), FileError);
  EXPECT_THROW(decode(saved_array("uint8", {-1, -2}, {1, 2})), FileError);
  EXPECT_THROW(decode(saved_array("uint8", {1, 1, 1, 1, 1, 1, 1, 1, 2}, {1, 2})), FileError);
  // 2^62 * 8 bytes is 0 modulo 2^64, and must not be accepted as an empty array
  EXPECT_THROW(decode(saved_array("int64", {std::int64_t{1} << 62}, {})), FileError);
  EXPECT_THROW(decode(saved_array("bool", {1}, {2})), FileError);
}

// A megabyte of opening brackets must not exhaust the stack; in CBOR, 0x81 opens a list of one element.
TEST(Decode, RefusesBottomlessNesting) {
  EXPECT_THROW(decode(std::vector<std::byte>(1 << 20, std::byte{0x81})), FileError);
  EXPECT_THROW(decode(std::vector<std::byte>(1 << 20, std::byte{0xa1})), FileError);
  EXPECT_THROW(from_json(std::string(1 << 16, '[') + std::string(1 << 16, ']')), FileError);

  Value value = 1;
  for (int i = 0; i < 100; ++i) value = List{value};
  EXPECT_EQ(decode(encode(value)), value);
  EXPECT_EQ(from_json(to_json(value)), value);
}

TEST(Json, WritesWhatPeopleRead) {
  const Value value = Dict{{"b", List{1, 2.5, true, {}, "x"}},
                           {"a", Array::of<double>({1.0, kInf, -kInf, kNan})},
                           {"m", Array(DType::kInt8, Shape{2, 2})}};
  EXPECT_EQ(to_json(value), R"({"b":[1,2.5,true,null,"x"],"a":[1.0,"inf","-inf","nan"],"m":[[0,0],[0,0]]})");
  EXPECT_EQ(to_json(Dict{{"a", 1}}, 2), "{\n  \"a\": 1\n}");
  EXPECT_EQ(to_json(Array::of<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()})), "[18446744073709551615]");
  EXPECT_EQ(to_json(Array::of<std::int64_t>({std::numeric_limits<std::int64_t>::min()})), "[-9223372036854775808]");
  EXPECT_EQ(to_json(Array::of<bool>({true, false})), "[true,false]");
  EXPECT_EQ(to_json(kNan), "\"nan\"");
  EXPECT_EQ(to_json(Array::scalar<std::uint8_t>(200)), "200");
}

TEST(Json, ReadsNumbersExactly) {
  EXPECT_EQ(from_json("9223372036854775807").as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(from_json("-9223372036854775808").as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(from_json("18446744073709551615").is_double());  // beyond int64
  EXPECT_TRUE(from_json("1.0").is_double());
  for (const double x : {0.1, 5e-324, 1.7976931348623157e308, -1.0 / 3.0}) {
    EXPECT_EQ(from_json(to_json(x)).as_double(), x);
  }
  const Value value = Dict{{"z", List{1, "two", {}}}, {"a", Dict{{"k", false}}}};
  EXPECT_EQ(from_json(to_json(value)), value);
}

TEST(Json, SaysWhereATextIsBroken) {
  for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "nan", "1 2", "\"\xff\""}) {
    EXPECT_THROW(from_json(text), FileError) << text;
  }
  try {
    from_json("{\n\"a\": 1,\n\"b\" 2}");
    FAIL() << "a broken text was read";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("line 3"), std::string::npos) << error.what();
  }
}

TEST(ToArray, ReadsNestedLists) {
  EXPECT_EQ(to_array(from_json("[[1, 2], [3, 4], [5, 6]]"), DType::kInt32),
            Array::of<std::int32_t>({1, 2, 3, 4, 5, 6}).reshaped(Shape{3, 2}));
  EXPECT_EQ(to_array(from_json("[0.5, \"inf\", \"-inf\"]"), DType::kFloat32),
            Array::of<float>({0.5f, INFINITY, -INFINITY}));
  EXPECT_TRUE(std::isnan(to_array(from_json("[\"nan\"]"), DType::kFloat64).get(0)));
  EXPECT_EQ(to_array(from_json("[true, false]"), DType::kBool), Array::of<bool>({true, false}));
  EXPECT_EQ(to_array(Value(2), DType::kFloat64), Array::scalar(2.0));
  EXPECT_EQ(to_array(from_json("[]"), DType::kFloat64).shape(), Shape{0});
  EXPECT_EQ(to_array(Value(Array::of<double>({1.5})), DType::kInt8), Array::of<std::int8_t>({1}));
}

TEST(ToArray, RefusesRaggedListsAndWords) {
  for (const char* text :
       {"[[1, 2], [3]]", "[1, [2]]", "[[1], 2]", "[[1], []]", "[[[1]], [2]]", "[\"one\"]", "[null]", "{\"a\": 1}"}) {
    EXPECT_THROW(to_array(from_json(text), DType::kFloat64), TypeMismatch) << text;
  }
}

}  // namespace
}  // namespace ludus
