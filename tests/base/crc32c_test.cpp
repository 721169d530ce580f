#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace ludus {
namespace {

// The check value of the CRC catalogue, and test vectors of RFC 3720, section B.4.
TEST(Crc32c, MatchesPublishedValues) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  std::string ascending;
  for (char i = 0; i < 32; ++i) ascending.push_back(i);
  EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, ContinuesFromEveryPlace) {
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>(i * 37));
  for (std::size_t i = 0; i <= text.size(); ++i) {
    EXPECT_EQ(crc32c(text.substr(i), crc32c(text.substr(0, i))), crc32c(text)) << i;
  }
}

// 0 rotated is 0, so the constant is left; 1 rotated by 15 to the right is 2^17.
TEST(Crc32c, MaskRotatesAndAdds) {
  EXPECT_EQ(masked_crc(0), 0xA282EAD8u);
  EXPECT_EQ(masked_crc(1), 0xA282EAD8u + 0x20000u);
}

}  // namespace
}  // namespace ludus
