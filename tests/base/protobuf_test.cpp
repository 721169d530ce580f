#include "base/protobuf.h"

#include <gtest/gtest.h>

namespace ludus {
namespace {

// The examples of protobuf.dev, "Encoding": field 1 = 150 is 08 96 01; field 2 = "testing" is 12 07 …
TEST(Protobuf, WritesAndReadsTheDocumentedExamples) {
  std::string out;
  put_tag(out, 1, WireType::kVarint);
  put_varint(out, 150);
  put_bytes(out, 2, "testing");
  EXPECT_EQ(out, "\x08\x96\x01\x12\x07testing");

  ProtobufReader reader(out);
  auto field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->id, 1u);
  EXPECT_EQ(field->number, 150u);
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->id, 2u);
  EXPECT_EQ(field->bytes, "testing");
  EXPECT_FALSE(reader.next());
}

TEST(Protobuf, VarintsOfAllLengthsAreReadBack) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t number :
         {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1, ~std::uint64_t{0} >> bit}) {
      std::string out;
      put_varint(out, number);
      std::string_view rest = out;
      EXPECT_EQ(take_varint(rest), number);
      EXPECT_TRUE(rest.empty());
    }
  }
}

TEST(Protobuf, DamagedMessagesThrow) {
  const auto read = [](std::string message) {
    ProtobufReader reader(message);
    while (reader.next()) {
    }
  };
  EXPECT_THROW(read("\x08"), ProtobufError);                                              // varint missing
  EXPECT_THROW(read("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), ProtobufError);  // eleven bytes
  EXPECT_THROW(read("\x12\x07test"), ProtobufError);                                      // truncated
  EXPECT_THROW(read("\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), ProtobufError);          // 2^63 bytes
  EXPECT_THROW(read("\x0d\x01\x02"), ProtobufError);                                      // 4 bytes expected
  EXPECT_THROW(read("\x0b"), ProtobufError);                                              // a group
  EXPECT_THROW(read(std::string("\0\0", 2)), ProtobufError);                              // field 0
}

}  // namespace
}  // namespace ludus
